import { isExpired, type Message } from '../../src/domain/message.ts'
import type { RetainedTopics } from '../../src/domain/mqtt-state/retained-messages.ts'
import type { QueueLimits } from '../../src/domain/mqtt-state/session-queues.ts'
import { matchesFilter } from '../../src/protocol/topic-filter.ts'

const topicsPerPage = 100
const sizeOf = ({ topic, payload }: Message): number => Buffer.byteLength(topic) + Buffer.byteLength(payload)

/** Retained messages in maps. */
export function createRetainedInMemory({ maxMessages, maxBytes }: QueueLimits) {
  const messages = new Map<string, { readonly message: Message; readonly owner: string | undefined }>()

  function hasRoomFor(message: Message, owner: string): boolean {
    const others = [...messages.values()].filter(one => one.owner === owner && one.message.topic !== message.topic)
    const bytes = others.reduce((sum, one) => sum + sizeOf(one.message), sizeOf(message))
    return others.length < maxMessages && bytes <= maxBytes
  }

  return {
    /** False when its owner has no room for it. */
    put(message: Message, owner?: string): boolean {
      const { topic, payload } = message
      if (payload.length === 0) {
        messages.delete(topic)
        return true
      }
      if (owner !== undefined && !hasRoomFor(message, owner)) return false
      messages.set(topic, { message: { ...message, payload: Buffer.from(payload) }, owner })
      return true
    },
    on: (topic: string): Message | undefined => messages.get(topic)?.message,
    expired: (atMs: number): string[] =>
      [...messages.values()].flatMap(({ message }) => (isExpired(message, atMs) ? [message.topic] : [])),
    removeExpired(topic: string, atMs: number): void {
      const kept = messages.get(topic)
      if (kept && isExpired(kept.message, atMs)) messages.delete(topic)
    },
    topics: (): Iterable<string> => messages.keys(),
    topicsOf(filter: string, from: string | undefined): RetainedTopics {
      const names = [...messages.keys()].sort().filter(topic => from === undefined || topic > from)
      const page = names.slice(0, topicsPerPage)
      return {
        topics: page.filter(topic => matchesFilter(filter, topic)),
        next: names.length > topicsPerPage ? page.at(-1) : undefined,
      }
    },
  }
}
