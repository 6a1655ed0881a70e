import type { PacketFault } from '../../../protocol/packet-faults.ts'
import { filterPortions, hasRepeatedFilters } from './filter-portions.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import type { PacketChecker } from './packet-checker.ts'
import type { PacketLimit } from './packet-limit.ts'
import { isEngines, packetType, unasked } from './packet-types.ts'
import { type StreamFault, tooLarge, violation } from './stream-fault.ts'

/**
 * What an acknowledgement counts as, in messages. A reader of many messages sends many, but nobody may keep the broker busy with acknowledgements of nothing.
 */
export const answerShare = 1 / 16

/** Filters of one packet that are worked on at once, so that none takes a turn of the event loop for itself. */
const filtersPerPortion = 100

/** How many packets are checked ahead of those that are taken: a small packet takes a hundred times its bytes in memory. */
const maxAhead = 256
const nothing = Buffer.alloc(0)

/** A packet as it was received, whole and checked; or a portion of a packet with many filters. */
export interface IncomingPacket {
  readonly bytes: Buffer
  readonly type: number
  /** How many messages it counts as in the pace of its client. */
  readonly messages: number
  /** How many filters a SUBSCRIBE or UNSUBSCRIBE holds. */
  readonly filters: number
  readonly isPortion: boolean
}

/** How many filters of one packet are worked on at most. */
export interface FilterLimits {
  readonly subscribe: number
  readonly unsubscribe: number
}

/** Before the admission nothing is subscribed. */
export const noFilterLimits: FilterLimits = {
  subscribe: Number.POSITIVE_INFINITY,
  unsubscribe: Number.POSITIVE_INFINITY,
}

/** A packet whose filters are worked on in portions; `refused` of its filters are over the limit. */
export interface ManyFilters {
  readonly packetType: number
  readonly filters: number
  readonly portions: number
  readonly refused: number
}

/** The packets that were received and are not worked on yet, in order: the next ones whole and checked, the others as bytes. */
export class IncomingPackets {
  readonly #checker: PacketChecker
  readonly #begun = new GrowingBuffer()
  /** Received and not checked yet, from the beginning of a packet on: what is left of a chunk, and what came after it. */
  #unread: Buffer = nothing
  readonly #later = new GrowingBuffer()
  #isOver = false
  #packets: IncomingPacket[] = []
  /** How many of {@link #packets} were taken. */
  #taken = 0
  #bytes = 0

  constructor(checker: PacketChecker) {
    this.#checker = checker
  }

  /** The bytes of whole packets, and of what is not checked yet. */
  get bytes(): number {
    return this.#bytes + this.#unreadBytes
  }

  /** The packet that comes next, whose filters may still have to be portioned; undefined when there is none. */
  get next(): IncomingPacket | undefined {
    return this.#packets[this.#taken]
  }

  get isEmpty(): boolean {
    return this.#hasTakenAll && this.#unreadBytes === 0
  }

  get #unreadBytes(): number {
    return this.#unread.length + this.#later.length
  }

  /** Of what was looked at. */
  get #hasTakenAll(): boolean {
    return this.#taken === this.#packets.length
  }

  /**
   * Tells `onPacket` of each packet that ends in `bytes`, unless many wait already. Returns how many those are, or why the stream must end. Nothing is
   * taken after a DISCONNECT.
   */
  add(bytes: Buffer, limit: PacketLimit, onPacket: (packetType: number) => void): number | StreamFault {
    if (this.#isOver) return 0
    if (this.#unreadBytes === 0) return this.#read(bytes, limit, onPacket)
    this.#later.add(bytes)
    return 0
  }

  /** The same for what was not checked when it came. To be called when everything before it is taken. */
  readOn(limit: PacketLimit, onPacket: (packetType: number) => void): number | StreamFault {
    if (!this.#hasTakenAll || this.isEmpty || this.#isOver) return 0
    return this.#read(this.#unread.length > 0 ? this.#unread : this.#later.take(), limit, onPacket)
  }

  #read(bytes: Buffer, limit: PacketLimit, onPacket: (packetType: number) => void): number | StreamFault {
    this.#unread = nothing
    let ended = 0
    let isEnough = false
    let from = 0
    let fault: StreamFault | undefined
    const accepted = limit.accepts(bytes, (type, taken) => {
      const isBegun = this.#begun.length > 0
      if (isBegun) this.#begun.add(bytes.subarray(0, taken))
      const packet = isBegun ? this.#begun.take() : bytes.subarray(from, taken)
      from = taken
      const filters = this.#checker.check(packet, 0, packet.length)
      if (typeof filters !== 'number') {
        fault = filters
        return false
      }
      ended++
      this.#push({ bytes: packet, type, messages: messagesOf(type, filters), filters, isPortion: false })
      onPacket(type)
      this.#isOver = type === packetType.disconnect
      if (this.#isOver) {
        this.#later.clear()
        return false
      }
      isEnough = this.#packets.length - this.#taken >= maxAhead
      return isEnough ? 'enough' : true
    })
    if (fault) return fault
    if (this.#isOver) return ended
    if (!accepted) return refusalOf(limit)
    if (isEnough) this.#unread = bytes.subarray(from)
    else if (from < bytes.length) this.#begun.add(bytes.subarray(from))
    return ended
  }

  /** The packet that comes next, or the first portion of its filters; `onMany` is told before. Undefined when there is none. */
  take(limits: FilterLimits, onMany: (packet: ManyFilters) => void): IncomingPacket | PacketFault | undefined {
    const next = this.#packets[this.#taken]
    if (next && !next.isPortion && isEngines(next.type)) {
      const bytes = this.#checker.dialect.forEngine(next.type, next.bytes)
      if (typeof bytes === 'string') return bytes
      if (next.filters > 1) this.#cutIntoPortions(next, bytes, limits, onMany)
      else if (bytes !== next.bytes) this.#replace(next, [{ ...next, bytes }])
    }
    const packet = this.#packets[this.#taken]
    if (!packet) return undefined
    this.#taken++
    this.#bytes -= packet.bytes.length
    if (this.#hasTakenAll) {
      this.#packets = []
      this.#taken = 0
    }
    return packet
  }

  clear(): void {
    this.#packets = []
    this.#taken = 0
    this.#begun.clear()
    this.#unread = nothing
    this.#later.clear()
    this.#bytes = 0
  }

  #push(packet: IncomingPacket): void {
    this.#packets.push(packet)
    this.#bytes += packet.bytes.length
  }

  /** `bytes`: of the packet, as MQTT 3.1.1 has it. */
  #cutIntoPortions(
    packet: IncomingPacket,
    bytes: Buffer,
    limits: FilterLimits,
    onMany: (packet: ManyFilters) => void,
  ): void {
    const { type, filters, messages } = packet
    const most = type === packetType.subscribe ? limits.subscribe : limits.unsubscribe
    if (filters <= Math.min(most, filtersPerPortion) && !hasRepeatedFilters(bytes)) {
      if (bytes !== packet.bytes) this.#replace(packet, [{ ...packet, bytes }])
      return
    }
    const portions = filterPortions(bytes, filtersPerPortion, most)
    onMany({ packetType: type, filters, portions: portions.length, refused: Math.max(0, filters - most) })
    const cut = portions.map((portion, n): IncomingPacket => {
      return { ...portion, type, messages: n === 0 ? messages : 0, isPortion: true }
    })
    this.#replace(packet, cut)
  }

  /** Puts others in the place of the packet that comes next. */
  #replace({ bytes }: IncomingPacket, others: readonly IncomingPacket[]): void {
    this.#packets = [...others, ...this.#packets.slice(this.#taken + 1)]
    this.#taken = 0
    for (const other of others) this.#bytes += other.bytes.length
    this.#bytes -= bytes.length
  }
}

const messagesOf = (type: number, filters: number): number =>
  unasked.has(type) ? 1 + filters * answerShare : answerShare

const refusalOf = ({ packetType: type, announcedBytes }: PacketLimit): StreamFault =>
  announcedBytes === undefined ? violation(type, 'malformed length') : tooLarge(type, announcedBytes)
