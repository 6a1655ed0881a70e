import type { PacketFault } from '../../protocol/packet-faults.ts'

/** The topic aliases of a client (MQTT 5 section 3.3.2.3.4). */
export class IncomingAliases {
  readonly #topics = new Map<number, string>()

  /** The topic of a PUBLISH with an alias: the topic that it names, for which the alias stands from now on; or the topic for which the alias stands. */
  resolve(alias: number, named: string, maximum: number): { readonly topic: string } | { readonly fault: PacketFault } {
    if (alias > maximum) return { fault: 'topic alias out of range' }
    if (named !== '') this.#topics.set(alias, named)
    const topic = this.#topics.get(alias)
    return topic === undefined ? { fault: 'unknown topic alias' } : { topic }
  }
}

/** An alias for a topic. `isNew`: the reader does not know it yet. */
export interface OutgoingAlias {
  readonly alias: number
  readonly isNew: boolean
}

/** No client gets more aliases than this. */
const most = 64

/** Our aliases to one reader, as many as it allows: for the first topics that it is sent at QoS 0, where nothing can come between in their order. */
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

  /** Takes back the last alias: the PUBLISH that would have named its topic was not sent. */
  forget(topic: string): void {
    this.#aliases.delete(topic)
  }
}
