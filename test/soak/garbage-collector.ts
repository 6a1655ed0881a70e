import { once } from 'node:events'
import { createServer } from 'node:net'
import { WebSocket } from 'ws'

/** Collects the garbage of another process of Node's, so that its heap shows what it holds and not when it was swept last. */
export interface GarbageCollector {
  collect(): Promise<void>
  close(): void
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}

/** Speaks to the inspector that a process was started with: `--inspect=127.0.0.1:PORT`. */
export async function openGarbageCollector(port: number): Promise<GarbageCollector> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { headers: { connection: 'close' } })
  const [target]: { webSocketDebuggerUrl: string }[] = JSON.parse(await answer.text())
  if (!target) throw new Error('nothing to inspect')
  const ws = new WebSocket(target.webSocketDebuggerUrl)
  await once(ws, 'open')
  let id = 0
  return {
    async collect() {
      ws.send(JSON.stringify({ id: ++id, method: 'HeapProfiler.collectGarbage' }))
      await once(ws, 'message')
    },
    close: () => ws.close(),
  }
}
