import type { PacketFault } from '../../protocol/packet-faults.ts'

/** What a client calls topics by (MQTT 5 section 3.3.2.3.4). */
export class IncomingAliases {
  readonly #topics = new Map<number, string>()

  /** The topic of a PUBLISH with an alias: the one that it names, which it stands for from now on, or the one that it stands for. */
  resolve(alias: number, named: string, maximum: number): { readonly topic: string } | { readonly fault: PacketFault } {
    if (alias > maximum) return { fault: 'topic alias out of range' }
    if (named !== '') this.#topics.set(alias, named)
    const topic = this.#topics.get(alias)
    return topic === undefined ? { fault: 'unknown topic alias' } : { topic }
  }
}

/** An alias for a topic; `isNew`: the reader does not know it yet. */
export interface OutgoingAlias {
  readonly alias: number
  readonly isNew: boolean
}

/** More names are kept for nobody. */
const most = 64

/** What we call topics by to one reader, as far as it allows: the first ones that it is sent at QoS 0, in whose order nothing can come between. */
export class OutgoingAliases {
  readonly #maximum: number
  readonly #aliases = new Map<string, number>()

  constructor(maximum: number) {
    this.#maximum = Math.min(maximum, most)
  }

  get areUsed(): boolean {
    return this.#maximum > 0
  }

  of(topic: string): OutgoingAlias | undefined {
    const known = this.#aliases.get(topic)
    if (known !== undefined) return { alias: known, isNew: false }
    if (this.#aliases.size >= this.#maximum) return undefined
    const alias = this.#aliases.size + 1
    this.#aliases.set(topic, alias)
    return { alias, isNew: true }
  }

  /** The PUBLISH that would have named it was not sent: it is the last one that was given. */
  forget(topic: string): void {
    this.#aliases.delete(topic)
  }
}
