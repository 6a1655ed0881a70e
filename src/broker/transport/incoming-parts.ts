import type { PacketLimit } from './packet-limit.ts'
import { endsRead, unasked } from './packet-types.ts'

/** What an answer counts for. Whoever is sent much has much to answer, but nobody keeps the broker busy with answers to nothing. */
export const answerShare = 1 / 16

/** A part of what was received: how many packets end in it, for how many messages they count, and whether it is the last part of its read. */
interface Part {
  readonly bytes: Buffer
  readonly packets: number
  readonly messages: number
  readonly endsRead: boolean
}

/** What was received and is not read yet, cut where a read must end. */
export class IncomingParts {
  readonly #packetsPerRead: number
  #parts: Part[] = []
  #bytes = 0

  constructor(packetsPerRead: number) {
    this.#packetsPerRead = packetsPerRead
  }

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** Tells `onPacket` of each packet that ends in `bytes`. How many those are, or that one is announced that is too long. */
  add(bytes: Buffer, limit: PacketLimit, onPacket: (packetType: number) => void): number | 'too large' {
    let from = 0
    let packets = 0
    let messages = 0
    let ended = 0
    const accepted = limit.accepts(bytes, (packetType, taken) => {
      ended++
      packets++
      messages += unasked.has(packetType) ? 1 : answerShare
      onPacket(packetType)
      if (!endsRead.has(packetType) && packets < this.#packetsPerRead) return
      this.#parts.push({ bytes: bytes.subarray(from, taken), packets, messages, endsRead: true })
      from = taken
      packets = 0
      messages = 0
    })
    if (from < bytes.length)
      this.#parts.push({ bytes: from === 0 ? bytes : bytes.subarray(from), packets, messages, endsRead: false })
    this.#bytes += bytes.length
    return accepted ? ended : 'too large'
  }

  /** Everything up to where the read must end. */
  take(): Omit<Part, 'endsRead'> {
    const last = this.#parts.findIndex(part => part.endsRead)
    const taken = joined(this.#parts.splice(0, last < 0 ? this.#parts.length : last + 1))
    this.#bytes -= taken.bytes.length
    return taken
  }

  clear(): void {
    this.#parts = []
    this.#bytes = 0
  }
}

function joined(parts: readonly Part[]): Omit<Part, 'endsRead'> {
  const [first] = parts
  if (first && parts.length === 1) return first
  let packets = 0
  let messages = 0
  for (const part of parts) {
    packets += part.packets
    messages += part.messages
  }
  return { bytes: Buffer.concat(parts.map(part => part.bytes)), packets, messages }
}
