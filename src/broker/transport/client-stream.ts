import { Duplex } from 'node:stream'
import { createTrafficByKind, type TrafficByKind, type TrafficCounts } from '../../domain/traffic-counts.ts'
import { Answers } from './answers.ts'
import { createDrainWatch, type DrainWatch } from './drain-watch.ts'
import { endPolitely } from './end-politely.ts'
import { type TakeMessage, takeMessages } from './fast-lane.ts'
import { type FilterLimits, IncomingParts, type ManyFilters } from './incoming-parts.ts'
import { Outgoing } from './outgoing.ts'
import { PacedReading } from './paced-reading.ts'
import { PacketChecker } from './packet-checker.ts'
import { createPacketLimit, type PacketLimit } from './packet-limit.ts'
import { packetType } from './packet-types.ts'
import { type StreamFault, tooManyFilters } from './stream-fault.ts'
import type { AdmittedLimits, StreamLimits } from './stream-limits.ts'
import { createTurnWork } from './turn-work.ts'
import type { Wire, WireEvents } from './wire.ts'

const readAheadBytes = 64 * 1024
const noLimits: FilterLimits = { subscribe: Number.POSITIVE_INFINITY, unsubscribe: Number.POSITIVE_INFINITY }
/** One client takes no turn for itself, however quickly Aedes is done with what it sends. */
const packetsPerTurn = 100
/** What is sent at the reader's own pace waits here up to so much, so that answers do not wait behind more. */
const pacedBytes = 32 * 1024

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
  /** Packets handed over in this turn of the event loop. */
  #inThisTurn = 0
  #fastLane: TakeMessage | undefined
  #filterLimits = noLimits // before the admission nothing is subscribed
  readonly #checker = new PacketChecker()
  readonly #outgoing = new Outgoing(bytes => {
    this.counts.bytesOut += bytes.length
    this.#wire.send(bytes)
  })
  readonly #answers = new Answers(this.#outgoing)
  readonly #reading: PacedReading
  /** Notes that what was read last took work on so many values of a report. */
  readonly tookWork = (values: number): void => this.#reading.tookWork(values)
  #closed = false
  /** Why the stream was closed for what came over it; undefined when it was not. */
  fault: StreamFault | undefined
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
    turnWork = createTurnWork(),
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
    this.#incoming = new IncomingParts(this.#checker)
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
    this.#reading = new PacedReading({
      wire: this.#wire,
      limits,
      turnWork,
      hold: () => this.hold(),
      goOn: () => this.#offer(),
      isAhead: () => this.#incoming.bytes >= readAheadBytes,
      onSlowed: forMs => this.emit('slowed', forMs),
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
    return this.#limit.packetType === packetType.disconnect
  }

  /** Bytes that came over the wire so far, those of a packet or a frame that is not whole among them. */
  get arrivedBytes(): number {
    return this.#wire.arrivedBytes
  }

  /** False while nothing is taken from the wire: what the peer sends waits for us. */
  get isListening(): boolean {
    return !this.#reading.isPaused
  }

  /** Sets what a packet may hold: its bytes from the next packet on, its filters also of those that wait. */
  raiseLimits({ maxPacketBytes, filters, packetsPerRead }: AdmittedLimits): void {
    this.#incoming.packetsPerRead = packetsPerRead
    this.#limit.maxBytes = maxPacketBytes
    this.#filterLimits = filters
  }

  /**
   * From now on offers each PUBLISH at QoS 0 to `take` and not to Aedes, which would spend several times as long on it, as long as Aedes
   * is done with all that came before. What `take` leaves is checked like any packet; a topic that is no text is none that it takes.
   */
  openFastLane(take: TakeMessage): void {
    this.#fastLane = take
  }

  #receive(received: Buffer): void {
    if (this.destroyed) return
    this.counts.bytesIn += received.length
    const begun = this.#fastLane ? received : this.#checker.begin(received)
    if (Buffer.isBuffer(begun)) this.#receivePackets(begun)
    else this.#fail(begun)
  }

  #receivePackets(received: Buffer): void {
    const bytes = this.#takeFast(received)
    if ((bytes.length === 0 && received.length > 0) || this.destroyed) return
    const ended = this.#incoming.add(bytes, this.#limit, type => {
      if (type === packetType.publish) this.counts.messagesIn++
    })
    this.#answers.isMqtt31 = this.#checker.isMqtt31
    if (ended === 0) this.#reading.dribbled()
    if (this.#incoming.bytes >= readAheadBytes) this.#reading.pause()
    if (typeof ended !== 'number') this.#fail(ended)
    else if (ended > 0) this.#offer() // a part of a packet waits for the rest
  }

  /** Takes what may go the fast lane, and gives the rest. */
  #takeFast(bytes: Buffer): Buffer {
    const isIdle = this.#handedOver === 0 && this.#holds === 0 && this.#incoming.isEmpty
    if (!this.#fastLane || !isIdle || !this.#limit.betweenPackets) return bytes
    const bounds = { messages: this.#reading.messagesLeft(), packetBytes: this.#limit.maxBytes }
    const goesOn = () => !this.destroyed && this.#holds === 0 && !this.#reading.mustWait(bytes.length)
    const { messages, end } = takeMessages(bytes, bounds, this.#fastLane, goesOn)
    if (end === 0) return bytes
    this.counts.messagesIn += messages
    this.#reading.spent(messages, end)
    return bytes.subarray(end)
  }

  /** Ends the stream for what came over it; a CONNACK that says so still goes out. */
  #fail(fault: StreamFault): void {
    this.fault = fault
    if (fault.returnCode > 0) this.write(Buffer.of(packetType.connack << 4, 2, 0, fault.returnCode))
    this.destroy(fault.returnCode > 0 ? undefined : new Error(fault.reason))
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
    if (this.#reading.mustWait(this.#incoming.bytes)) return this.#reading.waitForTurn()
    const { bytes, ...taken } = this.#incoming.take(this.#filterLimits, packet => this.#askedMuch(packet))
    if (this.destroyed) return null
    this.#handOver(taken.packets)
    this.#reading.spent(taken.messages, bytes.length)
    this.#reading.tookFilters(taken.filters)
    this.#reading.readOn()
    return bytes
  }

  /** A SUBSCRIBE is granted no more filters than it may have; an UNSUBSCRIBE of more, which has no answer that says so, ends the stream. */
  #askedMuch({ packetType: type, filters, portions, refused }: ManyFilters): void {
    this.#answers.join(portions, refused)
    if (refused > 0 && type === packetType.subscribe) this.emit('too-many-filters', filters)
    else if (refused > 0) this.#fail(tooManyFilters(type, filters))
  }

  /**
   * Aedes parses at once what it has read, and asks for more whenever it is done with all that it has parsed so far: within that call too,
   * for a packet that takes no time. When that was so for every packet of the read it has nothing left to wait for.
   */
  #handOver(packets: number): void {
    if (this.#inThisTurn === 0)
      setImmediate(() => {
        this.#inThisTurn = 0
        if (!this.destroyed) this.#offer()
      })
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

  /** Gathers; always true. */
  override write(chunk: Buffer | string): boolean {
    if (!this.destroyed) this.#answers.write(chunk)
    return true
  }

  override cork(): void {}
  override uncork(): void {}
  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#reading.stop()
    this.#drain.stop()
    this.#incoming.clear()
    if (!this.#closed) {
      if (this.#reading.isPaused) this.#wire.resume() // a paused wire would never see the peer's close
      if (error) this.#wire.terminate()
      else endPolitely(this.#wire, this.#outgoing)
    }
    this.#outgoing.clear()
    done(error)
  }
}
