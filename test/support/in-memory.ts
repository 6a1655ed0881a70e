import { localBus } from '../../src/bus/local-bus.ts'
import type { Bus } from '../../src/domain/bus.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'
import { openMqttStore } from '../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../src/sqlite/sqlite.ts'
import { createAsynchronousBus } from './asynchronous-bus.ts'
import { createAsynchronousStore } from './asynchronous-store.ts'

/** Whether the tests run on a store that answers later, in place of SQLite. */
export const isAsynchronous = process.env.LATCHKEY_TEST_STORE === 'asynchronous'

/** The broker's own store, on a database in memory; or the asynchronous one, where the tests run on that. */
export function createMemoryStore(queuedMessages = 100_000): MqttStore {
  const queue = { maxMessages: queuedMessages, maxBytes: 1e9 }
  return isAsynchronous ? createAsynchronousStore({ queue }) : openMqttStore(new Database(':memory:'), { queue })
}

/** The bus of a node that is alone. */
export const createMemoryBus = (): Bus => (isAsynchronous ? createAsynchronousBus().join() : localBus)
