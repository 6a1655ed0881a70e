import { Duplex } from 'node:stream'
import { Outgoing } from './outgoing.ts'
import { createPace, type Pace, type PaceLimits } from './pace.ts'
import { createPacketLimit, type PacketLimit } from './packet-limit.ts'
import { readPlainPublish } from './plain-publish.ts'
import type { Wire, WireEvents } from './wire.ts'

const readAheadBytes = 64 * 1024
const politeEndMs = 1000
/** A quarter of the shortest keep alive: see {@link ClientStream.openFastLane}. */
const aedesHearsEveryMs = 250
/** Control packet types (MQTT 3.1.1 table 2.1). */
const connect = 1
const publish = 3
const subscribe = 8
const unsubscribe = 10
const pingreq = 12
const disconnect = 14
/** What changes the meaning of the packets behind it. */
const endsRead: ReadonlySet<number> = new Set([connect, subscribe, unsubscribe])
/** What a client sends of its own accord; the others answer something of ours. */
const unasked: ReadonlySet<number> = new Set([connect, publish, subscribe, unsubscribe, pingreq])
/** What an answer counts for. Whoever is sent much has much to answer, but nobody keeps the broker busy with answers to nothing. */
const answerShare = 1 / 16
/** So that one client's backlog does not take a turn of the event loop for itself, nor much more than its share of a second. */
const packetsPerReadOf = ({ messagesPerSecond }: PaceLimits) => Math.min(100, Math.ceil(messagesPerSecond / 10))

export interface StreamLimits extends PaceLimits {
  /** Largest packet in bytes, until {@link ClientStream.raiseLimit}. */
  readonly maxPacketBytes: number
  /** What may wait for the peer before {@link ClientStream.isFull}. */
  readonly maxPendingBytes: number
}

/** Takes a message that came at QoS 0; false when it wants the ordinary way. */
export type TakeMessage = (topic: string, payload: Buffer) => boolean

/** A part of what was received: how many packets end in it, for how many messages they count, and whether it is the last part of its read. */
interface Incoming {
  readonly bytes: Buffer
  readonly packets: number
  readonly messages: number
  readonly endsRead: boolean
}

/**
 * The duplex that Aedes reads and writes, over any {@link Wire}. What is written within one turn of the event loop leaves as one
 * write or one WebSocket frame at the end of that turn. Writing never asks the writer to wait: whoever writes looks at
 * {@link isFull} and drops or closes instead, so that one slow reader stalls nobody else.
 *
 * Aedes handles all packets of one read at once, and reads again when it is done with them. CONNECT, SUBSCRIBE and UNSUBSCRIBE change what
 * the next packet means, so each of them ends the read it is in, and nothing is offered to Aedes while it is busy.
 *
 * A client that sends faster than it may is read slower, so that it has to wait and nothing is lost; 'slowed' is emitted each time.
 * Nor is it when the client leaves meanwhile: a stream whose wire has closed ends when all that came before is read.
 */
export class ClientStream extends Duplex {
  readonly #wire: Wire
  readonly #limit: PacketLimit
  readonly #maxPendingBytes: number
  #incoming: Incoming[] = []
  #incomingBytes = 0
  /** Packets of the last read, while Aedes is not done with all of them: it will read again by itself. */
  #handedOver = 0
  /** Aedes is still within the call that parses the last read. */
  #isParsing = false
  /** Packets that it was done with within that call. */
  #doneAtOnce = 0
  /** The next read is asked for one packet too early: see {@link connectDone}. */
  #isReadEarly = false
  /** How many parts of ours ask that nothing be read now. */
  #holds = 0
  #reads = 0
  #paused = false
  #fastLane: TakeMessage | undefined
  #aedesHeardAtMs = 0
  readonly #outgoing = new Outgoing(bytes => this.#wire.send(bytes))
  readonly #pace: Pace
  readonly #packetsPerRead: number
  #pacing: NodeJS.Timeout | undefined
  #closed = false

  /** `attach` makes the wire, given what it has to tell. */
  constructor(attach: (events: WireEvents) => Wire, limits: StreamLimits) {
    super({ decodeStrings: false })
    this.#maxPendingBytes = limits.maxPendingBytes
    this.#limit = createPacketLimit(limits.maxPacketBytes)
    this.#pace = createPace(limits)
    this.#packetsPerRead = packetsPerReadOf(limits)
    this.#wire = attach({
      received: bytes => this.#receive(bytes),
      closed: () => {
        this.#closed = true
        if (!this.#fastLane || this.#incoming.length === 0) this.destroy()
      },
    })
  }

  /** True while the peer has not taken so much of what was written that nothing more should be. */
  get isFull(): boolean {
    return this.#outgoing.bytes + this.#wire.bufferedBytes > this.#maxPendingBytes
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

  /**
   * From now on offers each PUBLISH at QoS 0 to `take` and not to Aedes, which would spend several times as long on it, as long as Aedes
   * is done with all that came before. Four times a second Aedes is given one all the same: whatever it hears restarts its keep-alive timer.
   */
  openFastLane(take: TakeMessage): void {
    this.#fastLane = take
    this.#aedesHeardAtMs = performance.now()
  }

  #receive(received: Buffer): void {
    if (this.destroyed) return
    const bytes = this.#takeFast(received)
    if (bytes.length === 0 || this.destroyed) return
    if (!this.#take(bytes)) {
      this.destroy(new Error('packet too large'))
      return
    }
    this.#incomingBytes += bytes.length
    if (this.#incomingBytes >= readAheadBytes && !this.#paused) {
      this.#paused = true
      this.#wire.pause()
    }
    this.#offer()
  }

  /** Takes what may go the fast lane, and gives the rest. */
  #takeFast(bytes: Buffer): Buffer {
    const isIdle = this.#handedOver === 0 && this.#holds === 0 && this.#incoming.length === 0
    if (!this.#fastLane || !isIdle || !this.#limit.betweenPackets) return bytes
    const nowMs = performance.now()
    if (nowMs - this.#aedesHeardAtMs > aedesHearsEveryMs) {
      this.#aedesHeardAtMs = nowMs
      return bytes
    }
    let from = 0
    let messages = 0
    const most = this.#pace.messagesLeft()
    while (from < bytes.length && messages < most && !this.destroyed) {
      const packet = readPlainPublish(bytes, from, this.#limit.maxBytes)
      if (!packet || !this.#fastLane(packet.topic, packet.payload)) break
      messages++
      from = packet.end
    }
    if (from === 0) return bytes
    this.#spent(messages, from)
    return bytes.subarray(from)
  }

  /** Holds the stream when the client was too fast. */
  #spent(messages: number, bytes: number): void {
    const waitMs = this.#pace.spent(messages, bytes)
    if (waitMs === 0 || this.#pacing || this.destroyed) return
    const release = this.hold()
    this.#pacing = setTimeout(() => {
      this.#pacing = undefined
      release()
    }, waitMs)
    this.emit('slowed')
  }

  /** Notes where packets end. False when one is announced that is too long. */
  #take(bytes: Buffer): boolean {
    let from = 0
    let packets = 0
    let messages = 0
    const accepted = this.#limit.accepts(bytes, (packetType, taken) => {
      packets++
      messages += unasked.has(packetType) ? 1 : answerShare
      if (!endsRead.has(packetType) && packets < this.#packetsPerRead) return
      this.#incoming.push({ bytes: bytes.subarray(from, taken), packets, messages, endsRead: true })
      from = taken
      packets = 0
      messages = 0
    })
    if (from < bytes.length)
      this.#incoming.push({ bytes: from === 0 ? bytes : bytes.subarray(from), packets, messages, endsRead: false })
    return accepted
  }

  #offer(): void {
    const isMore = this.#incoming.length > 0
    if (this.#handedOver === 0 && this.#holds === 0 && (isMore || this.#closed)) this.emit('readable')
  }

  /**
   * To be called when Aedes is done with CONNECT. It reads on before that, from CONNACK on, and counts CONNECT among the packets that it is
   * done with; so its next read comes while one of the later packets is not done.
   */
  connectDone(): void {
    this.#isReadEarly = this.#handedOver > 0
  }

  /** Lets nothing be read until the returned function is called, once. */
  hold(): () => void {
    this.#holds++
    return () => {
      this.#holds--
      this.#offer()
    }
  }

  /** The bytes received and not yet read, up to where the read must end; null when there are none. `size` 0 reads nothing, as for any Readable. */
  override read(size?: number): Buffer | null {
    if (size === 0) return null
    if (this.#isParsing) {
      this.#doneAtOnce++
      return null
    }
    if (this.#isReadEarly) {
      this.#isReadEarly = false
      return null
    }
    this.#handedOver = 0
    if (this.#closed && this.#incoming.length === 0) this.destroy()
    if (this.#holds > 0 || this.#incoming.length === 0) return null
    const last = this.#incoming.findIndex(({ endsRead }) => endsRead)
    const taken = this.#incoming.splice(0, last < 0 ? this.#incoming.length : last + 1)
    const [first] = taken
    const bytes = taken.length === 1 && first ? first.bytes : Buffer.concat(taken.map(part => part.bytes))
    this.#handOver(sum(taken.map(part => part.packets)))
    this.#spent(sum(taken.map(part => part.messages)), bytes.length)
    this.#incomingBytes -= bytes.length
    if (this.#paused && this.#incomingBytes < readAheadBytes) {
      this.#paused = false
      this.#wire.resume()
    }
    return bytes
  }

  /**
   * Aedes parses at once what it has read, and asks for more whenever it is done with all that it has parsed so far: within that call too,
   * for a packet that takes no time. When that was so for every packet of the read it has nothing left to wait for.
   */
  #handOver(packets: number): void {
    this.#reads++
    this.#handedOver = packets
    this.#isParsing = true
    this.#doneAtOnce = 0
    queueMicrotask(() => {
      this.#isParsing = false
      if (this.#doneAtOnce < this.#handedOver) return
      this.#handedOver = 0
      this.#offer()
    })
  }

  /** Gathers; always true. */
  override write(chunk: Buffer | string): boolean {
    if (!this.destroyed) this.#outgoing.add(chunk)
    return true
  }

  override cork(): void {}
  override uncork(): void {}
  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#pacing)
    this.#incoming = []
    this.#incomingBytes = 0
    if (!this.#closed) {
      if (this.#paused) this.#wire.resume() // a paused wire would never see the peer's close
      if (error) this.#wire.terminate()
      else this.#endPolitely()
    }
    this.#outgoing.clear()
    done(error)
  }

  #endPolitely(): void {
    this.#outgoing.flush()
    this.#wire.end()
    setTimeout(() => this.#wire.terminate(), politeEndMs).unref()
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
