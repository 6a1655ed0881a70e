import type { Socket } from 'node:net'
import type { Wire, WireEvents } from './wire.ts'

/** A wire over a TCP or TLS socket: without Nagle's delay, and with TCP keep-alive after `silenceMs`, so that a vanished peer is noticed. */
export function createSocketWire(socket: Socket, events: WireEvents, silenceMs: number): Wire {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, silenceMs)
  let arrivedBytes = 0
  socket.on('data', bytes => {
    arrivedBytes += bytes.length
    events.received(bytes)
  })
  socket.on('end', () => socket.destroySoon())
  socket.on('error', () => {}) // 'close' follows and is what ends the session
  socket.once('close', () => events.closed())
  const taken = () => events.taken()
  return {
    send: bytes => {
      if (socket.writable) socket.write(bytes, taken)
    },
    get bufferedBytes() {
      return socket.writableLength
    },
    get arrivedBytes() {
      return arrivedBytes
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroySoon(),
    terminate: () => socket.destroy(),
  }
}
