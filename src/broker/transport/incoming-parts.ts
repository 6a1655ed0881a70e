import { filterPortions } from './filter-portions.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import type { PacketChecker } from './packet-checker.ts'
import type { PacketLimit } from './packet-limit.ts'
import { packetType } from './packet-types.ts'
import { joinParts, type Part, PartsOfChunk, type TakenParts } from './parts-of-chunk.ts'
import { type StreamFault, tooLarge, violation } from './stream-fault.ts'

/** Filters of one packet that are worked on at once, so that none takes a turn of the event loop for itself. */
const filtersPerPortion = 100
/** Bytes of one read, unless a packet is longer: a client that is too fast is held up between two reads. */
const bytesPerRead = 16 * 1024

/** How many filters of one packet are worked on at most. */
export interface FilterLimits {
  readonly subscribe: number
  readonly unsubscribe: number
}

/** A packet with so many filters that it is worked on in portions; `refused` of them are over the limit. */
export interface ManyFilters {
  readonly packetType: number
  readonly filters: number
  readonly portions: number
  readonly refused: number
}

/** The packets that were received and are not read yet, each whole and checked, cut where a read must end. */
export class IncomingParts {
  /** Packets of one read, of those that come from now on. One before anybody is known. */
  packetsPerRead = 1
  readonly #checker: PacketChecker
  readonly #begun = new GrowingBuffer()
  #isOver = false
  #parts: Part[] = []
  #bytes = 0

  constructor(checker: PacketChecker) {
    this.#checker = checker
  }

  /** Bytes of whole packets. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** Tells `onPacket` of each packet that ends in `bytes`. How many those are, or why there may be no more. Nothing follows a DISCONNECT. */
  add(bytes: Buffer, limit: PacketLimit, onPacket: (packetType: number) => void): number | StreamFault {
    if (this.#isOver) return 0
    let ended = 0
    let from = 0
    let fault: StreamFault | undefined
    const group = new PartsOfChunk(this.#parts, this.packetsPerRead)
    const accepted = limit.accepts(bytes, (type, taken) => {
      const isBegun = this.#begun.length > 0
      if (isBegun) this.#begun.add(bytes.subarray(0, taken))
      const packet = isBegun ? this.#begun.take() : bytes
      const at = isBegun ? 0 : from
      const end = isBegun ? packet.length : taken
      from = taken
      const filters = this.#checker.check(packet, at, end)
      if (typeof filters !== 'number') {
        fault = filters
        return false
      }
      ended++
      this.#bytes += end - at
      group.add(packet, at, end, type, filters)
      onPacket(type)
      this.#isOver = type === packetType.disconnect
      return !this.#isOver
    })
    group.close()
    if (fault) return fault
    if (this.#isOver) return ended
    if (!accepted) return refusalOf(limit)
    if (from < bytes.length) this.#begun.add(bytes.subarray(from))
    return ended
  }

  /** Everything up to where the read must end. Of a packet with many filters the first portion; `onMany` is told of it before. */
  take(limits: FilterLimits, onMany: (packet: ManyFilters) => void): TakenParts {
    const [first] = this.#parts
    if (first && first.filters > 1) this.#cutIntoPortions(first, limits, onMany)
    const taken = joinParts(this.#parts.splice(0, this.#partsOfNextRead()))
    this.#bytes -= taken.bytes.length
    return taken
  }

  clear(): void {
    this.#parts = []
    this.#begun.clear()
    this.#bytes = 0
  }

  /** Up to the one that ends it, or the one before a packet that may have to be cut first, or that would make it long. */
  #partsOfNextRead(): number {
    let parts = 0
    let length = 0
    for (const { bytes, endsRead, filters } of this.#parts) {
      length += bytes.length
      if (parts > 0 && (filters > 1 || length > bytesPerRead)) break
      parts++
      if (endsRead) break
    }
    return parts
  }

  #cutIntoPortions(part: Part, limits: FilterLimits, onMany: (packet: ManyFilters) => void): void {
    const type = (part.bytes[0] ?? 0) >> 4
    const most = type === packetType.subscribe ? limits.subscribe : limits.unsubscribe
    if (part.filters <= Math.min(most, filtersPerPortion)) return
    const portions = filterPortions(part.bytes, filtersPerPortion, most)
    const refused = Math.max(0, part.filters - most)
    onMany({ packetType: type, filters: part.filters, portions: portions.length, refused })
    const worked = Math.min(part.filters, most)
    const cut = portions.map((bytes, n): Part => {
      const filters = Math.min(filtersPerPortion, worked - n * filtersPerPortion)
      return { bytes, packets: 1, messages: n === 0 ? part.messages : 0, endsRead: true, filters }
    })
    this.#parts.splice(0, 1, ...cut)
    for (const { length } of portions) this.#bytes += length
    this.#bytes -= part.bytes.length
  }
}

const refusalOf = ({ packetType: type, announcedBytes }: PacketLimit): StreamFault =>
  announcedBytes === undefined ? violation(type, 'malformed length') : tooLarge(type, announcedBytes)
