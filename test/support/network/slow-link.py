"""A TCP proxy for a slow network. Usage: slow-link.py TARGET_PORT DOWN_BYTES_PER_SECOND UP_BYTES_PER_SECOND

Prints its port, then answers "ok" to each line of stdin: stop down|up, resume down|up, target PORT, cut, stand SECONDS. To "stood SECONDS" it
answers how often it was not run for so long. Ends with stdin.
"Down" is from the target to the client. Python, for Node cannot set the kernel's buffers.
"""

import asyncio
import socket
import sys
import time

TICK_SECONDS = 0.01
# The kernel doubles it. With the small segment it keeps what the other side can push ahead below 100 kB; else loopback hides megabytes.
BUFFER_BYTES = 4096
SEGMENT_BYTES = 1400


def with_small_buffers():
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setblocking(False)
    return made


class Direction:
    def __init__(self, bytes_per_second):
        self.bytes_per_second = bytes_per_second
        self.flows = asyncio.Event()
        self.flows.set()


class Proxy:
    def __init__(self, target, down, up):
        self.target = target
        self.directions = {"down": Direction(down), "up": Direction(up)}
        self.open = set()
        self.pauses = []

    async def serve(self, listener):
        loop = asyncio.get_running_loop()
        while True:
            inner, _ = await loop.sock_accept(listener)
            inner.setblocking(False)
            task = asyncio.create_task(self.relay(inner))
            self.open.add(task)
            task.add_done_callback(self.open.discard)

    async def relay(self, inner):
        outer = with_small_buffers()
        pumps = []
        try:
            await asyncio.get_running_loop().sock_connect(outer, ("127.0.0.1", self.target))
            pumps.append(asyncio.create_task(self.pump(outer, inner, self.directions["down"])))
            pumps.append(asyncio.create_task(self.pump(inner, outer, self.directions["up"])))
            await asyncio.gather(*pumps)
        except OSError:
            pass  # one end failed: so does the other
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            inner.close()
            outer.close()

    async def pump(self, source, sink, direction):
        loop = asyncio.get_running_loop()
        piece = max(1, int(direction.bytes_per_second * TICK_SECONDS))
        due = loop.time()
        while True:
            await direction.flows.wait()
            data = await loop.sock_recv(source, piece)
            await direction.flows.wait()
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(sink, data)
            due = max(due, loop.time() - TICK_SECONDS) + len(data) / direction.bytes_per_second
            if due > loop.time():
                await asyncio.sleep(due - loop.time())

    async def watch(self):
        last = time.monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            self.pauses.append(now - last)
            self.pauses = [pause for pause in self.pauses if pause > 0.1]
            last = now

    def obey(self, command, of):
        if command == "stop":
            self.directions[of].flows.clear()
        elif command == "resume":
            self.directions[of].flows.set()
        elif command == "target":
            self.target = int(of)
        elif command == "cut":
            for task in list(self.open):
                task.cancel()
        elif command == "stand":
            time.sleep(float(of))
        elif command == "stood":
            return sum(pause >= float(of) for pause in self.pauses)
        return "ok"


async def main():
    target, down, up = (int(argument) for argument in sys.argv[1:])
    proxy = Proxy(target, down, up)
    listener = with_small_buffers()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    serving = asyncio.create_task(proxy.serve(listener))
    watching = asyncio.create_task(proxy.watch())
    print(listener.getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := (await lines.readline()).decode().split():
        answer = proxy.obey(line[0], line[-1])
        await asyncio.sleep(0)
        print(answer, flush=True)
    watching.cancel()
    serving.cancel()


asyncio.run(main())
