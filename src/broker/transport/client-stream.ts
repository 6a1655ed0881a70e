import { Duplex } from 'node:stream'
import { createTrafficByKind, type TrafficByKind, type TrafficCounts } from '../../domain/traffic-counts.ts'
import { createDrainWatch, type DrainWatch } from './drain-watch.ts'
import { answerShare, IncomingParts } from './incoming-parts.ts'
import { Outgoing } from './outgoing.ts'
import { createPace, type Pace, packetsPerReadOf } from './pace.ts'
import { createPacketLimit, type PacketLimit } from './packet-limit.ts'
import { disconnect, publish } from './packet-types.ts'
import { readPlainPublish } from './plain-publish.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { Wire, WireEvents } from './wire.ts'

const readAheadBytes = 64 * 1024
const politeEndMs = 1000
/** One client takes no turn for itself, however quickly Aedes is done with what it sends. */
const packetsPerTurn = 100
/** What is sent at the reader's own pace waits here up to so much, so that answers do not wait behind more. */
const pacedBytes = 32 * 1024
/** A quarter of the shortest keep alive: see {@link ClientStream.openFastLane}. */
const aedesHearsEveryMs = 250

/** Takes a message that came at QoS 0; false when it wants the ordinary way. */
export type TakeMessage = (topic: string, payload: Buffer) => boolean

/**
 * The duplex that Aedes reads and writes, over any {@link Wire}. What is written within one turn of the event loop leaves as one
 * write, or as WebSocket frames, at the end of that turn. Writing never asks the writer to wait: whoever writes looks at
 * {@link isFull} and drops or closes instead, so that one slow reader stalls nobody else.
 *
 * Aedes handles all packets of one read at once, and reads again when it is done with them. CONNECT, SUBSCRIBE and UNSUBSCRIBE change what
 * the next packet means, so each of them ends the read it is in, and nothing is offered to Aedes while it is busy.
 *
 * A client that sends faster than it may is read slower, so that it has to wait and nothing is lost; 'slowed' is emitted each time, with the
 * milliseconds since when it has had no rest. 'stuck' is emitted when the peer has stopped to take what it is sent.
 * Nor is it when the client leaves meanwhile: a stream whose wire has closed ends when all that came before is read.
 */
export class ClientStream extends Duplex {
  readonly #wire: Wire
  readonly #limit: PacketLimit
  readonly #maxPendingBytes: number
  readonly #drain: DrainWatch
  readonly #incoming: IncomingParts
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
  /** Packets handed over in this turn of the event loop. */
  #inThisTurn = 0
  #paused = false
  #fastLane: TakeMessage | undefined
  #aedesHeardAtMs = 0
  readonly #outgoing = new Outgoing(bytes => {
    this.counts.bytesOut += bytes.length
    this.#wire.send(bytes)
  })
  readonly #pace: Pace
  #pacing: NodeJS.Timeout | undefined
  #closed = false
  /** Called when the peer has taken something, and there is room. */
  onTaken: (() => void) | undefined
  readonly traffic: TrafficByKind
  /** Of {@link traffic}, where what passes is counted now; PUBLISH packets that are written, by whoever writes them. */
  counts: TrafficCounts

  /** `attach` makes the wire, given what it has to tell. */
  constructor(
    attach: (events: WireEvents) => Wire,
    limits: StreamLimits,
    traffic: TrafficByKind = createTrafficByKind(),
  ) {
    super({ decodeStrings: false })
    this.traffic = traffic
    this.counts = traffic.guest
    this.#maxPendingBytes = limits.maxPendingBytes
    this.#drain = createDrainWatch({
      timeoutMs: limits.drainTimeoutMs,
      takenBytes: () => this.#outgoing.added - this.waitingBytes,
      onStuck: () => this.waitingBytes > this.#maxPendingBytes && this.emit('stuck'),
    })
    this.#limit = createPacketLimit(limits.maxPacketBytes)
    this.#pace = createPace(limits)
    this.#incoming = new IncomingParts(packetsPerReadOf(limits))
    this.#wire = attach({
      received: bytes => this.#receive(bytes),
      taken: () => {
        if (this.onTaken && !this.destroyed && this.hasRoom) this.onTaken()
      },
      closed: () => {
        this.#closed = true
        if (!this.#fastLane || this.#incoming.isEmpty) this.destroy()
        else this.#offer()
      },
    })
  }

  /** True while more may be written of what is sent at the reader's own pace; {@link onTaken} is called when it may again. */
  get hasRoom(): boolean {
    return this.waitingBytes <= pacedBytes
  }

  /** True while the peer has not taken so much of what was written that nothing more should be. */
  get isFull(): boolean {
    const full = this.waitingBytes > this.#maxPendingBytes
    if (full && !this.destroyed) this.#drain.watch()
    return full
  }

  /** What the peer has not taken yet of what was written. */
  get waitingBytes(): number {
    return this.#outgoing.bytes + this.#wire.bufferedBytes
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
    this.counts.bytesIn += received.length
    const bytes = received.length === 0 ? received : this.#takeFast(received)
    if ((bytes.length === 0 && received.length > 0) || this.destroyed) return
    const ended = this.#incoming.add(bytes, this.#limit, packetType => {
      if (packetType === publish) this.counts.messagesIn++
    })
    if (ended === 'too large') {
      this.destroy(new Error('packet too large'))
      return
    }
    if (ended === 0) this.#dribbled()
    const isMuch = this.#incoming.bytes >= readAheadBytes
    if (isMuch) this.#pause()
    if (ended > 0 || isMuch) this.#offer() // a part of a packet waits for the rest
  }

  /** Takes what may go the fast lane, and gives the rest. */
  #takeFast(bytes: Buffer): Buffer {
    const isIdle = this.#handedOver === 0 && this.#holds === 0 && this.#incoming.isEmpty
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
    this.counts.messagesIn += messages
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
      this.#readOn()
    }, waitMs)
    this.emit('slowed', this.#pace.slowedForMs())
  }

  /** What ends no packet counts as an answer does: an empty WebSocket frame, or a part of a packet. Nothing more is read until it may. */
  #dribbled(): void {
    this.#spent(answerShare, 0)
    if (this.#pacing) this.#pause()
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#wire.pause()
  }

  #readOn(): void {
    if (!this.#paused || this.#incoming.bytes >= readAheadBytes) return
    this.#paused = false
    this.#wire.resume()
  }

  #offer(): void {
    const isMore = !this.#incoming.isEmpty
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
    if (this.#closed && this.#incoming.isEmpty) this.destroy()
    if (this.#holds > 0 || this.#incoming.isEmpty || this.#inThisTurn >= packetsPerTurn) return null
    const { bytes, packets, messages } = this.#incoming.take()
    this.#handOver(packets)
    this.#spent(messages, bytes.length)
    if (!this.#pacing) this.#readOn()
    return bytes
  }

  /**
   * Aedes parses at once what it has read, and asks for more whenever it is done with all that it has parsed so far: within that call too,
   * for a packet that takes no time. When that was so for every packet of the read it has nothing left to wait for.
   */
  #handOver(packets: number): void {
    this.#reads++
    if (this.#inThisTurn === 0) setImmediate(() => this.#nextTurn())
    this.#inThisTurn += packets
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

  #nextTurn(): void {
    this.#inThisTurn = 0
    if (!this.destroyed) this.#offer()
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
    this.#drain.stop()
    this.#incoming.clear()
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
