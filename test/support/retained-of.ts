import type { MqttStore } from '../../src/domain/mqtt-store.ts'
import type { StoredMessage } from '../../src/domain/stored-message.ts'

/** Every retained message that a filter by wildcard matches. */
export function retainedOf(store: MqttStore, filter = '#'): StoredMessage[] {
  const found: StoredMessage[] = []
  let from: string | undefined
  do {
    const { topics, next } = store.retainedTopics(filter, from)
    found.push(...topics.flatMap(topic => store.retainedOn(topic) ?? []))
    from = next
  } while (from !== undefined)
  return found
}
