import { createTrafficByKind, type TrafficByKind } from '../../domain/traffic-counts.ts'
import type { Dialect } from './dialect.ts'
import { takeMessages } from './fast-lane.ts'
import { PacedReading } from './paced-reading.ts'
import { type IncomingPacket, IncomingPackets, type ManyFilters, noFilterLimits } from './packets/incoming-packets.ts'
import type { MessageTaker } from './packets/message-packets.ts'
import { type OpenMqtt5, PacketChecker } from './packets/packet-checker.ts'
import { createPacketLimit, type PacketLimit } from './packets/packet-limit.ts'
import { isAnswered, packetType } from './packets/packet-types.ts'
import { type StreamFault, tooManyFilters, violation } from './packets/stream-fault.ts'
import type { AdmittedLimits, StreamLimits } from './stream-limits.ts'
import { createTurnWork } from './turn-work.ts'
import { endPolitely } from './wires/end-politely.ts'
import type { Wire, WireEvents } from './wires/wire.ts'
import { WritingStream } from './writing-stream.ts'

const readAheadBytes = 64 * 1024
/** So that one client does not take a turn for itself, however little each of its packets costs. */
const packetsPerTurn = 100

/**
 * * One connection, over any {@link Wire}: packets in, bytes out. Packets that carry or acknowledge messages go to a {@link MessageTaker}. All others go to
 * Aedes, which reads and writes this as a duplex, one packet at a time. While it works on CONNECT, SUBSCRIBE or UNSUBSCRIBE, which change what the next
 * packet means, the next packet waits. What is written within one turn of the event loop is sent at the end of that turn, as one write or as WebSocket
 * frames. Writing never asks the writer to wait: a writer looks at {@link isFull} and drops or closes instead, so that one slow reader stalls nobody else.
 * Emits 'slowed' each time that the client is too fast, with the milliseconds for which it has had no rest: it is read more slowly, so that it has to wait
 * and nothing is lost. Emits 'stuck' when the peer has stopped reading. If the client leaves, what it had already sent is still processed.
 */
export class ClientStream extends WritingStream {
  protected readonly wire: Wire
  readonly #limit: PacketLimit
  readonly #checker: PacketChecker
  readonly #incoming: IncomingPackets
  readonly #noted = (type: number) => void (type === packetType.publish && this.counts.messagesIn++)
  /** The packet that Aedes reads next. */
  #forAedes: Buffer | undefined
  /** True while Aedes works on a packet that changes what the next one means. */
  #isAwaited = false
  /** How many callers ask that nothing be read now. */
  #holds = 0
  /** Packets taken in this turn of the event loop. */
  #inThisTurn = 0
  /** Whether one of them was a SUBSCRIBE or UNSUBSCRIBE, or a portion of one: only one is taken in a turn. */
  #hasAsked = false
  #isTaking = false
  /** Nothing more is taken of a peer that takes none of its answers. */
  #isHeldBack = false
  #taker: MessageTaker | undefined
  #filterLimits = noFilterLimits
  #saidGoodbye = false
  readonly #reading: PacedReading
  /** Notes that what was read last took work on so many values of a report. */
  readonly tookWork = (values: number): void => this.#reading.tookWork(values)
  #closed = false
  /** The fault for which the stream was closed; undefined when there was none. */
  fault: StreamFault | undefined
  /** `attach` makes the wire, which tells its owner through what it is given. Without `openMqtt5` a CONNECT of MQTT 5 is refused. */
  constructor(
    attach: (events: WireEvents) => Wire,
    limits: StreamLimits,
    traffic: TrafficByKind = createTrafficByKind(),
    turnWork = createTurnWork(),
    openMqtt5?: OpenMqtt5,
  ) {
    super(limits, traffic)
    this.#checker = new PacketChecker(openMqtt5)
    this.#incoming = new IncomingPackets(this.#checker)
    this.#limit = createPacketLimit(limits.maxPacketBytes)
    this.wire = attach({
      received: bytes => this.#receive(bytes),
      taken: () => {
        if (this.onTaken && !this.destroyed && this.hasRoom) this.onTaken()
        if (this.#isHeldBack) this.#goOn()
      },
      closed: () => {
        this.#closed = true
        if (!this.#taker || this.#incoming.isEmpty) this.destroy()
        else this.#goOn()
      },
    })
    this.#reading = new PacedReading({
      wire: this.wire,
      limits,
      turnWork,
      hold: () => this.hold(),
      goOn: () => this.#goOn(),
      isAhead: () => this.#incoming.bytes >= readAheadBytes,
      onSlowed: forMs => this.emit('slowed', forMs),
    })
  }

  /** How this connection speaks: MQTT 3.1.1 before it has sent CONNECT. */
  get dialect(): Dialect {
    return this.#checker.dialect
  }

  /** True once Aedes was given the client's DISCONNECT: the client leaves on purpose. */
  get saidGoodbye(): boolean {
    return this.#saidGoodbye
  }

  /** Bytes that came over the wire so far, including those of an incomplete packet or frame. */
  get arrivedBytes(): number {
    return this.wire.arrivedBytes
  }

  /** False while nothing is read from the wire: what the peer sends waits for us. */
  get isListening(): boolean {
    return !this.#reading.isPaused
  }

  /** Sets what a packet may hold: the bytes from the next packet on, the filters also for packets that wait. */
  raiseLimits({ maxPacketBytes, filters }: AdmittedLimits): void {
    this.#limit.maxBytes = maxPacketBytes
    this.#filterLimits = filters
  }

  /** From now on messages and their acknowledgements are taken; until then only CONNECT is. */
  openTo(taker: MessageTaker): void {
    this.#taker = taker
  }

  /** To be called when Aedes has answered CONNECT, SUBSCRIBE or UNSUBSCRIBE: what waits behind it is taken once Aedes is done. */
  answered(): void {
    queueMicrotask(() => {
      this.#isAwaited = false
      if (!this.destroyed) this.#goOn()
    })
  }

  #receive(received: Buffer): void {
    if (this.destroyed) return
    this.counts.bytesIn += received.length
    const begun = this.#taker ? received : this.#checker.begin(received)
    if (Buffer.isBuffer(begun)) this.#receivePackets(begun)
    else this.#fail(begun)
  }

  #receivePackets(received: Buffer): void {
    const bytes = this.#takeFast(received)
    if ((bytes.length === 0 && received.length > 0) || this.destroyed) return
    const ended = this.#incoming.add(bytes, this.#limit, this.#noted)
    if (ended === 0) this.#reading.dribbled()
    if (this.#incoming.bytes >= readAheadBytes) this.#reading.pause()
    if (typeof ended !== 'number') this.#fail(ended)
    else if (ended > 0) this.#goOn() // a part of a packet waits for the rest
  }

  /** Takes the messages at QoS 0 that `bytes` begin with, and gives the rest. */
  #takeFast(bytes: Buffer): Buffer {
    const isIdle = !this.#isAwaited && this.#holds === 0 && this.#incoming.isEmpty
    if (!this.#taker || !isIdle || !this.#limit.betweenPackets) return bytes
    const bounds = { messages: this.#reading.messagesLeft(), packetBytes: this.#limit.maxBytes }
    const goesOn = () => !this.destroyed && this.#holds === 0 && !this.#reading.mustWait(bytes.length)
    const { messages, end } = takeMessages(bytes, bounds, this.#taker, this.dialect, goesOn)
    if (end === 0) return bytes
    this.counts.messagesIn += messages
    this.#reading.spent(messages, end)
    return bytes.subarray(end)
  }

  /** Ends the stream for a fault in what came over it; a CONNACK that says so is still sent. */
  #fail(fault: StreamFault): void {
    this.fault = fault
    this.sayFarewell({ rule: fault.reason }, fault.reasonCode)
    if (fault.returnCode > 0) this.send(Buffer.of(packetType.connack << 4, 2, 0, fault.returnCode))
    this.destroy(fault.returnCode > 0 || this.dialect.version === '5' ? undefined : new Error(fault.reason))
  }

  /** Lets nothing be taken until the returned function is called, once. */
  hold(): () => void {
    this.#holds++
    return () => {
      this.#holds--
      this.#goOn()
    }
  }

  /** Takes the waiting packets, in their order, as many as may be taken now. */
  #goOn(): void {
    if (this.#isTaking) return
    this.#isTaking = true
    try {
      while (this.#mayTake()) {
        const packet = this.#incoming.take(this.#filterLimits, many => this.#askedMuch(many))
        if (!packet || this.destroyed) break
        if (typeof packet === 'string') {
          this.#fail(violation(this.#incoming.next?.type ?? 0, packet))
          break
        }
        this.#take(packet)
        this.#reading.spent(packet.messages, packet.bytes.length)
        const more = this.#incoming.readOn(this.#limit, this.#noted)
        if (typeof more !== 'number') this.#fail(more)
      }
    } finally {
      this.#isTaking = false // also after a throw: the next packets are still taken
    }
    this.#reading.readOn()
    if (this.#closed && this.#incoming.isEmpty && !this.#isAwaited) this.destroy()
  }

  #mayTake(): boolean {
    const { next } = this.#incoming
    if (!next || this.destroyed || this.#isAwaited || this.#holds > 0) return false
    this.#isHeldBack = this.isFull && !this.#closed
    if (this.#isHeldBack || this.#inThisTurn >= packetsPerTurn || (this.#hasAsked && isAnswered(next.type)))
      return false
    if (!this.#reading.mustWait(next.bytes.length, next.type === packetType.connect)) return true
    this.#reading.waitForTurn()
    return false
  }

  #take({ bytes, type, filters }: IncomingPacket): void {
    if (this.#inThisTurn++ === 0)
      setImmediate(() => {
        this.#inThisTurn = 0
        this.#hasAsked = false
        if (!this.destroyed) this.#goOn()
      })
    const given = this.#taker ? this.dialect.give(type, bytes, this.#taker) : false
    if (typeof given === 'string') this.#fail(violation(type, given))
    else if (!given) this.#giveEngine(bytes, type, filters)
  }

  #giveEngine(bytes: Buffer, type: number, filters: number): void {
    if (type === packetType.connect) this.#reading.tookConnect()
    this.#reading.tookFilters(filters)
    this.dialect.engineTakes(type, bytes, this.#taker)
    this.#saidGoodbye ||= type === packetType.disconnect && !this.dialect.leaving?.withWill
    this.#isAwaited = isAnswered(type)
    this.#hasAsked ||= this.#isAwaited
    this.#forAedes = bytes
    this.emit('readable')
  }

  /** A SUBSCRIBE is granted no more filters than it may have; an UNSUBSCRIBE of more, which has no answer that says so, ends the stream. */
  #askedMuch({ packetType: type, filters, portions, refused }: ManyFilters): void {
    this.answers.join(portions, refused)
    if (refused > 0 && type === packetType.subscribe) this.emit('too-many-filters', filters)
    else if (refused > 0) this.#fail(tooManyFilters(type, filters))
  }

  /** Aedes reads: the packet that is its next, once; null when there is none. `size` 0 reads nothing, as for any Readable. */
  override read(size?: number): Buffer | null {
    if (size === 0) return null
    const packet = this.#forAedes ?? null
    this.#forAedes = undefined
    return packet
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#reading.stop()
    this.#incoming.clear()
    if (!this.#closed) {
      if (this.#reading.isPaused) this.wire.resume() // a paused wire would never see the peer's close
      if (error) this.wire.terminate()
      else endPolitely(this.wire, this.outgoing)
    }
    this.stopWriting()
    done(error)
  }
}
