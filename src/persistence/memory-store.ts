import { Readable } from 'node:stream'
import MemoryPersistence from 'aedes-persistence/asyncPersistence.js'
import type { MqttStore, StoredMessage } from '../domain/mqtt-store.ts'
import { matchesFilter } from '../protocol/topic-filter.ts'

/**
 * MQTT sessions, queues, wills and retained messages in this process's memory; gone when it ends. Retained messages under an exact
 * filter are a look-up, whatever else is retained.
 */
class MemoryStore extends MemoryPersistence {
  readonly #retained = new Map<string, StoredMessage>()

  override async storeRetained(packet: StoredMessage): Promise<void> {
    if (packet.payload.length === 0) this.#retained.delete(packet.topic)
    else this.#retained.set(packet.topic, { ...packet })
  }

  override createRetainedStreamCombi(filters: string[]): Readable {
    return Readable.from(this.#matching(filters))
  }

  override createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter])
  }

  *#matching(filters: readonly string[]): Iterable<StoredMessage> {
    for (const filter of filters) {
      const exact = this.#retained.get(filter)
      if (exact) yield exact
      else if (/[+#]/.test(filter)) yield* this.#scan(filter)
    }
  }

  *#scan(filter: string): Iterable<StoredMessage> {
    for (const [topic, packet] of this.#retained) if (matchesFilter(filter, topic)) yield packet
  }
}

/** Opens an empty store in memory. */
export const createMemoryStore = (): MqttStore => new MemoryStore()
