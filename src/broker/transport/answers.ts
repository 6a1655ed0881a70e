import type { Dialect } from './dialect.ts'
import type { Outgoing } from './outgoing.ts'
import { JoinedAnswer } from './packets/joined-answer.ts'
import { WholePackets } from './packets/whole-packets.ts'

/** What Aedes writes, on its way out. */
export class Answers {
  readonly #outgoing: Outgoing
  readonly #dialect: () => Dialect
  #packets: WholePackets | undefined
  #joined: JoinedAnswer | undefined

  /** `dialect` is asked once CONNECT has come, for before there is nothing to answer. */
  constructor(outgoing: Outgoing, dialect: () => Dialect) {
    this.#outgoing = outgoing
    this.#dialect = dialect
  }

  /** Joins the next `portions` SUBACKs or UNSUBACKs into one, which also refuses `refusedFilters` more. */
  join(portions: number, refusedFilters: number): void {
    this.#joined = new JoinedAnswer(portions, refusedFilters)
  }

  /** `chunk` may be a part of a packet, as Aedes writes them, or whole packets. */
  write(chunk: Buffer | string): void {
    const { fromEngine } = this.#dialect()
    if (!fromEngine && !this.#joined) {
      this.#outgoing.add(chunk)
      return
    }
    this.#packets ??= new WholePackets()
    for (const packet of this.#packets.add(chunk)) {
      const passed = this.#joined ? this.#joined.pass(packet) : packet
      if (this.#joined?.isGiven) this.#joined = undefined
      if (passed) this.#outgoing.add(fromEngine ? fromEngine(passed) : passed)
    }
  }
}
