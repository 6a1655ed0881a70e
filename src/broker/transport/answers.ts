import type { Outgoing } from './outgoing.ts'
import { JoinedAnswer } from './packets/joined-answer.ts'

const sessionPresentAt = 2

/** Corrects what Aedes writes, on its way out. */
export class Answers {
  /** CONNACK, the first packet, has session-present in its third byte since MQTT 3.1.1; in 3.1 that byte is reserved. */
  isMqtt31 = false
  readonly #outgoing: Outgoing
  #joined: JoinedAnswer | undefined

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing
  }

  /** Joins the next `portions` SUBACKs or UNSUBACKs into one, which also refuses `refusedFilters` more. */
  join(portions: number, refusedFilters: number): void {
    this.#joined = new JoinedAnswer(portions, refusedFilters)
  }

  /** `chunk` may be a part of a packet, as Aedes writes them, or whole packets. */
  write(chunk: Buffer | string): void {
    if (!this.#joined) {
      this.#outgoing.add(this.isMqtt31 ? this.#withoutSessionPresent(chunk) : chunk)
      return
    }
    for (const packet of this.#joined.pass(chunk)) this.#outgoing.add(packet)
    if (this.#joined.isGiven) this.#joined = undefined
  }

  #withoutSessionPresent(chunk: Buffer | string): Buffer | string {
    const at = sessionPresentAt - this.#outgoing.added
    if (typeof chunk === 'string' || at < 0 || at >= chunk.length) return chunk
    const changed = Buffer.from(chunk)
    changed[at] = 0
    return changed
  }
}
