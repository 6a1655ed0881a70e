import { bodyOf, fixedHeader } from './filter-portions.ts'
import { packetType } from './packet-types.ts'

const idBytes = 2
const refused = 0x80
const answers: ReadonlySet<number> = new Set([packetType.suback, packetType.unsuback])

/** Makes one SUBACK or UNSUBACK of those that Aedes gives to the portions of one SUBSCRIBE or UNSUBSCRIBE [MQTT-3.8.4-5]. */
export class JoinedAnswer {
  readonly #codes: Buffer[] = []
  #portionsLeft: number
  readonly #refusedFilters: number

  /** `refusedFilters`: how many more filters the packet had, all of them refused. */
  constructor(portions: number, refusedFilters: number) {
    this.#portionsLeft = portions
    this.#refusedFilters = refusedFilters
  }

  /** True when the answer has been given. */
  get isGiven(): boolean {
    return this.#portionsLeft === 0
  }

  /** What is to be written in place of a packet of Aedes': nothing for an answer that is not the last. */
  pass(packet: Buffer): Buffer | undefined {
    if (this.isGiven || !answers.has((packet[0] ?? 0) >> 4)) return packet
    const codesFrom = bodyOf(packet) + idBytes
    this.#codes.push(packet.subarray(codesFrom))
    if (--this.#portionsLeft > 0) return undefined
    const codes = Buffer.concat([...this.#codes, Buffer.alloc(this.#refusedFilters, refused)])
    const id = packet.subarray(codesFrom - idBytes, codesFrom)
    return Buffer.concat([fixedHeader(packet[0] ?? 0, idBytes + codes.length), id, codes])
  }
}
