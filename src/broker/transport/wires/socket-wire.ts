import type { Socket } from 'node:net'
import type { Wire, WireEvents } from './wire.ts'

const ignore = () => {}

/** A wire over a TCP or TLS socket: without Nagle's delay, and with TCP keep-alive after `silenceMs`, so that a vanished peer is noticed. */
export const createSocketWire = (socket: Socket, events: WireEvents, silenceMs: number): Wire =>
  new SocketWire(socket, events, silenceMs)

/** A class, since there is one for each of tens of thousands of connections. */
class SocketWire implements Wire {
  readonly #socket: Socket
  readonly #taken: () => void
  #arrivedBytes = 0

  constructor(socket: Socket, events: WireEvents, silenceMs: number) {
    this.#socket = socket
    this.#taken = events.taken
    socket.setNoDelay(true)
    socket.setKeepAlive(true, silenceMs)
    socket.on('data', bytes => {
      this.#arrivedBytes += bytes.length
      events.received(bytes)
    })
    socket.on('end', socket.destroySoon)
    socket.on('error', ignore) // 'close' follows and ends the session
    socket.once('close', () => events.closed())
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  get arrivedBytes(): number {
    return this.#arrivedBytes
  }

  send(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes, this.#taken)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.destroySoon()
  }

  terminate(): void {
    this.#socket.destroy()
  }
}
