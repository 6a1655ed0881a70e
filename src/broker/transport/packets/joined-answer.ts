import { bodyOf, fixedHeader } from './filter-portions.ts'
import { createPacketLimit } from './packet-limit.ts'
import { packetType } from './packet-types.ts'

const idBytes = 2
const refused = 0x80
const longestPacketBytes = 268_435_455
const answers: ReadonlySet<number> = new Set([packetType.suback, packetType.unsuback])

/**
 * * Joins the SUBACKs or UNSUBACKs that Aedes gives to the portions of one SUBSCRIBE or UNSUBSCRIBE into one [MQTT-3.8.4-5]. Everything that is written
 * meanwhile goes through here, from the beginning of a packet on: other packets pass unchanged, once they are whole.
 */
export class JoinedAnswer {
  readonly #limit = createPacketLimit(longestPacketBytes)
  readonly #codes: Buffer[] = []
  #portionsLeft: number
  readonly #refusedFilters: number
  #begun: Buffer[] = []

  /** `refusedFilters`: how many more filters the packet had, all of them refused. */
  constructor(portions: number, refusedFilters: number) {
    this.#portionsLeft = portions
    this.#refusedFilters = refusedFilters
  }

  /** True when the answer has been given: later writes need not go through here. */
  get isGiven(): boolean {
    return this.#portionsLeft === 0
  }

  /** What is to be written in place of `chunk`. */
  pass(chunk: Buffer | string): Buffer[] {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    const passed: Buffer[] = []
    let from = 0
    this.#limit.accepts(bytes, (type, taken) => {
      const packet = Buffer.concat([...this.#begun, bytes.subarray(from, taken)])
      this.#begun = []
      from = taken
      const out = answers.has(type) && !this.isGiven ? this.#join(packet) : packet
      if (out) passed.push(out)
    })
    if (from < bytes.length) this.#begun.push(bytes.subarray(from))
    return passed
  }

  #join(answer: Buffer): Buffer | undefined {
    const codesFrom = bodyOf(answer) + idBytes
    this.#codes.push(answer.subarray(codesFrom))
    if (--this.#portionsLeft > 0) return undefined
    const codes = Buffer.concat([...this.#codes, Buffer.alloc(this.#refusedFilters, refused)])
    const id = answer.subarray(codesFrom - idBytes, codesFrom)
    return Buffer.concat([fixedHeader(answer[0] ?? 0, idBytes + codes.length), id, codes])
  }
}
