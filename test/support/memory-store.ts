import type { MqttStore } from '../../src/domain/mqtt-store.ts'
import { openMqttStore } from '../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../src/sqlite/sqlite.ts'

/** The broker's own store, on a database in memory. */
export const createMemoryStore = (queuedMessages = 100_000): MqttStore =>
  openMqttStore(new Database(':memory:'), { queue: { maxMessages: queuedMessages, maxBytes: 1e9 } })
