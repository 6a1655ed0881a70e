import { join } from 'node:path'
import { type JsonObject, parseJsonObject } from '../../src/domain/json.ts'
import { createRetainedMessages } from '../../src/persistence/retained-messages.ts'
import { createStateRecords } from '../../src/persistence/state-records.ts'
import { Database } from '../../src/sqlite/sqlite.ts'

/** The state of a device as `mqtt.db` of a data folder holds it at this moment, whether or not a broker runs on it. */
export function keptState(dataDir: string, deviceId: string): JsonObject | undefined {
  const sqlite = new Database(join(dataDir, 'mqtt.db'), { readonly: true })
  try {
    const unlimited = { maxMessages: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    const kept = createStateRecords(sqlite, createRetainedMessages(sqlite, unlimited)).all().get(deviceId)
    return kept && parseJsonObject(Buffer.from(kept.state))
  } finally {
    sqlite.close()
  }
}
