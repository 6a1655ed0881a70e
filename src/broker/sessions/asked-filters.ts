import { topics } from '../../protocol/topics.ts'
import { createSubscriptionIndex, type SubscriptionIndex } from './subscription-index.ts'

const hasWildcard = /[+#]/

/**
 * The filters that a client subscribed to and was granted unchanged, each with its options. It knows which of the client's own topics (replies and
 * notifications) they cover, so that sending one does not walk over the filters.
 */
export class AskedFilters<Asked> extends Map<string, Asked> {
  /** Each with the prefix of the topics below it. */
  readonly #all: readonly (readonly [filter: string, prefix: string])[]
  /** Filters that cover only a part of the client's own topics; hardly any client has one. */
  #parts: SubscriptionIndex<true> | undefined

  constructor(clientId: string) {
    super()
    this.#all = [topics.replies(clientId), topics.notifications(clientId)].map(filter => [filter, filter.slice(0, -1)])
  }

  override set(filter: string, asked: Asked): this {
    if (this.#isPart(filter) && !this.has(filter)) {
      this.#parts ??= createSubscriptionIndex({ rememberedTopics: 0 })
      this.#parts.add(filter, true)
    }
    return super.set(filter, asked)
  }

  override delete(filter: string): boolean {
    if (this.#isPart(filter)) this.#parts?.remove(filter, true)
    return super.delete(filter)
  }

  override clear(): void {
    this.#parts = undefined
    super.clear()
  }

  /** Whether the client has subscribed to a reply or notification on `topic`. */
  hears(topic: string): boolean {
    const all = this.#all.find(([, prefix]) => topic.startsWith(prefix))
    if (!all) return false
    return this.has(all[0]) || this.has(topic) || (this.#parts?.match(topic).length ?? 0) > 0
  }

  #isPart(filter: string): boolean {
    return hasWildcard.test(filter) && this.#all.some(([all, prefix]) => filter !== all && filter.startsWith(prefix))
  }
}
