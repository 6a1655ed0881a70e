import { Duplex } from 'node:stream'
import { createPacketLimit, type PacketLimit } from './packet-limit.ts'
import type { Wire, WireEvents } from './wire.ts'

const readAheadBytes = 64 * 1024
const politeEndMs = 1000
const disconnectPacketType = 14

/**
 * The duplex that Aedes reads and writes, over any {@link Wire}. What is written within one turn of the event loop leaves as one
 * write or one WebSocket frame at the end of that turn. Writing never asks the writer to wait: whoever writes looks at
 * {@link pendingBytes} and drops or closes instead, so that one slow reader stalls nobody else.
 */
export class ClientStream extends Duplex {
  readonly #wire: Wire
  readonly #limit: PacketLimit
  #incoming: Buffer[] = []
  #incomingBytes = 0
  #paused = false
  #outgoing: (Buffer | string)[] = []
  #outgoingBytes = 0
  #closed = false

  /** `attach` makes the wire, given what it has to tell. `maxPacketBytes` is the limit before {@link raiseLimit}. */
  constructor(attach: (events: WireEvents) => Wire, maxPacketBytes: number) {
    super({ decodeStrings: false })
    this.#limit = createPacketLimit(maxPacketBytes)
    this.#wire = attach({
      received: bytes => this.#receive(bytes),
      closed: () => {
        this.#closed = true
        this.destroy()
      },
    })
  }

  /** Bytes written by us that the peer has not taken. */
  get pendingBytes(): number {
    return this.#outgoingBytes + this.#wire.bufferedBytes
  }

  /** True once the client has sent DISCONNECT: it leaves on purpose. */
  get saidGoodbye(): boolean {
    return this.#limit.packetType === disconnectPacketType
  }

  /** Sets the largest packet, in bytes, from the next packet on. */
  raiseLimit(maxPacketBytes: number): void {
    this.#limit.maxBytes = maxPacketBytes
  }

  #receive(bytes: Buffer): void {
    if (this.destroyed) return
    if (!this.#limit.accepts(bytes)) {
      this.destroy(new Error('packet too large'))
      return
    }
    this.#incoming.push(bytes)
    this.#incomingBytes += bytes.length
    if (this.#incomingBytes >= readAheadBytes && !this.#paused) {
      this.#paused = true
      this.#wire.pause()
    }
    this.emit('readable')
  }

  /** All bytes received and not yet read; null when there are none. `size` 0 reads nothing, as for any Readable. */
  override read(size?: number): Buffer | null {
    if (size === 0 || this.#incomingBytes === 0) return null
    const [first] = this.#incoming
    const bytes = this.#incoming.length === 1 && first ? first : Buffer.concat(this.#incoming, this.#incomingBytes)
    this.#incoming = []
    this.#incomingBytes = 0
    if (this.#paused) {
      this.#paused = false
      this.#wire.resume()
    }
    return bytes
  }

  /** Gathers; always true. */
  override write(chunk: Buffer | string): boolean {
    if (this.destroyed) return true
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush())
    this.#outgoing.push(chunk)
    this.#outgoingBytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length
    return true
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return
    const bytes = this.#gathered()
    this.#outgoing = []
    this.#outgoingBytes = 0
    this.#wire.send(bytes)
  }

  #gathered(): Buffer {
    const [first] = this.#outgoing
    if (this.#outgoing.length === 1 && typeof first === 'object') return first
    const bytes = Buffer.allocUnsafe(this.#outgoingBytes)
    let offset = 0
    for (const chunk of this.#outgoing) {
      offset += typeof chunk === 'string' ? bytes.write(chunk, offset) : chunk.copy(bytes, offset)
    }
    return bytes
  }

  override cork(): void {}
  override uncork(): void {}
  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#incoming = []
    this.#incomingBytes = 0
    if (!this.#closed) {
      if (this.#paused) this.#wire.resume() // a paused wire would never see the peer's close
      if (error) this.#wire.terminate()
      else this.#endPolitely()
    }
    this.#outgoing = []
    done(error)
  }

  #endPolitely(): void {
    this.#flush()
    this.#wire.end()
    setTimeout(() => this.#wire.terminate(), politeEndMs).unref()
  }
}
