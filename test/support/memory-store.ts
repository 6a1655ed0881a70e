import type { MqttStore } from '../../src/domain/mqtt-store.ts'
import { openMqttStore } from '../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../src/sqlite/sqlite.ts'

/** The broker's own store, on a database in memory. */
export const createMemoryStore = (): MqttStore =>
  openMqttStore(new Database(':memory:'), { queue: { maxMessages: 100_000, maxBytes: 1e9 } })
