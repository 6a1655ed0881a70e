import type { Message } from '../../src/domain/message.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'

/** Every retained message that a filter by wildcard matches. */
export async function retainedOf({ retained }: MqttStore, filter = '#'): Promise<Message[]> {
  const found: Message[] = []
  let from: string | undefined
  do {
    const { topics, next } = await retained.topicsOf(filter, from)
    for (const message of await retained.on(topics)) if (message) found.push(message)
    from = next
  } while (from !== undefined)
  return found
}
