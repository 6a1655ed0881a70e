import { endsRead, unasked } from './packet-types.ts'

/** What an answer counts for. Whoever is sent much has much to answer, but nobody keeps the broker busy with answers to nothing. */
export const answerShare = 1 / 16

/** Whole packets as they were received: how many, for how many messages they count, and whether they are the last of their read. */
export interface Part {
  readonly bytes: Buffer
  readonly packets: number
  readonly messages: number
  readonly endsRead: boolean
  /** Of a SUBSCRIBE or UNSUBSCRIBE, when it holds more than one and is the only packet. */
  readonly filters: number
}

/** Several parts as one. */
export type TakenParts = Omit<Part, 'endsRead'>

/** Makes parts of the packets of one chunk, and puts them behind `parts`. */
export class PartsOfChunk {
  readonly #parts: Part[]
  readonly #packetsPerRead: number
  #bytes: Buffer | undefined
  #from = 0
  #end = 0
  #packets = 0
  #messages = 0

  constructor(parts: Part[], packetsPerRead: number) {
    this.#parts = parts
    this.#packetsPerRead = packetsPerRead
  }

  add(bytes: Buffer, from: number, end: number, type: number, filters: number): void {
    const isAlone = filters > 1
    if (this.#bytes !== bytes || isAlone) {
      this.close()
      this.#bytes = bytes
      this.#from = from
    }
    this.#end = end
    this.#packets++
    this.#messages += unasked.has(type) ? 1 + filters * answerShare : answerShare
    if (endsRead.has(type) || this.#packets === this.#packetsPerRead) this.close(true, isAlone ? filters : 0)
  }

  close(ends = false, filters = 0): void {
    if (this.#bytes && this.#packets > 0)
      this.#parts.push({
        bytes: this.#bytes.subarray(this.#from, this.#end),
        packets: this.#packets,
        messages: this.#messages,
        endsRead: ends,
        filters,
      })
    this.#from = this.#end
    this.#packets = 0
    this.#messages = 0
  }
}

/** The bytes of all parts, and what they count for. */
export function joinParts(parts: readonly Part[]): TakenParts {
  const [first] = parts
  if (first && parts.length === 1) return first
  let packets = 0
  let messages = 0
  for (const part of parts) {
    packets += part.packets
    messages += part.messages
  }
  return { bytes: Buffer.concat(parts.map(part => part.bytes)), packets, messages, filters: 0 }
}
