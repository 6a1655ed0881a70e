import { topics } from '../../protocol/topics.ts'
import { createSubscriptionIndex, type SubscriptionIndex } from './subscription-index.ts'

const hasWildcard = /[+#]/

/**
 * The filters that a client subscribed and was granted as they are, with what was asked of each. Knows which of the client's own topics, replies
 * and notifications, they cover, so that sending one costs no walk over the filters.
 */
export class AskedFilters<Asked> extends Map<string, Asked> {
  /** Each with what the topics below it begin with. */
  readonly #all: readonly (readonly [filter: string, prefix: string])[]
  /** Those that cover a part of the own topics; hardly anybody has any. */
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

  /** Whether a reply or a notification on `topic` was subscribed. */
  hears(topic: string): boolean {
    const all = this.#all.find(([, prefix]) => topic.startsWith(prefix))
    if (!all) return false
    return this.has(all[0]) || this.has(topic) || (this.#parts?.match(topic).length ?? 0) > 0
  }

  #isPart(filter: string): boolean {
    return hasWildcard.test(filter) && this.#all.some(([all, prefix]) => filter !== all && filter.startsWith(prefix))
  }
}
