import { Duplex } from 'node:stream'
import { createPacketLimit, type PacketLimit } from './packet-limit.ts'
import type { Wire, WireEvents } from './wire.ts'

const readAheadBytes = 64 * 1024
const politeEndMs = 1000
/** Control packet types (MQTT 3.1.1 table 2.1). */
const connect = 1
const subscribe = 8
const unsubscribe = 10
const disconnect = 14

/**
 * The duplex that Aedes reads and writes, over any {@link Wire}. What is written within one turn of the event loop leaves as one
 * write or one WebSocket frame at the end of that turn. Writing never asks the writer to wait: whoever writes looks at
 * {@link pendingBytes} and drops or closes instead, so that one slow reader stalls nobody else.
 *
 * Aedes handles all packets of one read at once. CONNECT, SUBSCRIBE and UNSUBSCRIBE change what the next packet means, so each of them
 * ends the read it is in, and nothing more is offered until Aedes, done with it, reads again.
 */
export class ClientStream extends Duplex {
  readonly #wire: Wire
  readonly #limit: PacketLimit
  #incoming: Buffer[] = []
  #incomingBytes = 0
  /** Where reads end, in bytes from the first one not yet read. */
  #readEnds: number[] = []
  /** Aedes is at a packet that must be done before the next. */
  #isHeld = false
  #reads = 0
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
    return this.#limit.packetType === disconnect
  }

  /** Reads so far that gave something: within one of them there is at most one SUBSCRIBE. */
  get reads(): number {
    return this.#reads
  }

  /** Sets the largest packet, in bytes, from the next packet on. */
  raiseLimit(maxPacketBytes: number): void {
    this.#limit.maxBytes = maxPacketBytes
  }

  #receive(bytes: Buffer): void {
    if (this.destroyed) return
    const accepted = this.#limit.accepts(bytes, (packetType, taken) => {
      if (packetType === connect || packetType === subscribe || packetType === unsubscribe)
        this.#readEnds.push(this.#incomingBytes + taken)
    })
    if (!accepted) {
      this.destroy(new Error('packet too large'))
      return
    }
    this.#incoming.push(bytes)
    this.#incomingBytes += bytes.length
    if (this.#incomingBytes >= readAheadBytes && !this.#paused) {
      this.#paused = true
      this.#wire.pause()
    }
    if (!this.#isHeld) this.emit('readable')
  }

  /** The bytes received and not yet read, up to where the read must end; null when there are none. `size` 0 reads nothing, as for any Readable. */
  override read(size?: number): Buffer | null {
    if (size === 0) return null
    const end = this.#readEnds.shift()
    this.#isHeld = end !== undefined
    if (this.#incomingBytes === 0) return null
    const [first] = this.#incoming
    const bytes = this.#incoming.length === 1 && first ? first : Buffer.concat(this.#incoming, this.#incomingBytes)
    const taken = end ?? bytes.length
    this.#incoming = taken < bytes.length ? [bytes.subarray(taken)] : []
    this.#incomingBytes -= taken
    this.#readEnds = this.#readEnds.map(later => later - taken)
    this.#reads++
    if (this.#paused && this.#incomingBytes < readAheadBytes) {
      this.#paused = false
      this.#wire.resume()
    }
    return bytes.subarray(0, taken)
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
    this.#readEnds = []
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
