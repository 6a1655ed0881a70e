import type { Config } from '../config/config.ts'
import { pathsIn } from '../data-folder/data-files.ts'
import type { Events } from '../domain/events.ts'
import type { MqttStore } from '../domain/mqtt-state/mqtt-store.ts'
import { createDroppedMessages } from '../ops/dropped-messages.ts'
import { isDamaged, openMqttStore } from '../persistence/open-mqtt-store.ts'
import { openSqlite } from '../sqlite/open-sqlite.ts'

/**
 * Opens MQTT's own state in the data folder. Nothing waits for its lock: a locked database is an error at once. Throws with advice when the
 * file is damaged.
 */
export function openMqttFile(
  { dataDir, synchronous, limits }: Config,
  events: Events,
  onCommit?: (durationMs: number) => void,
): MqttStore {
  const file = pathsIn(dataDir).mqtt
  const queue = { maxMessages: limits.queuedMessagesPerSession, maxBytes: limits.queuedBytesPerSession }
  const retained = { maxMessages: limits.retainedPerOwner, maxBytes: limits.retainedBytesPerOwner }
  let sqlite: ReturnType<typeof openSqlite> | undefined
  try {
    sqlite = openSqlite(file, { busyTimeoutMs: 0, synchronous })
    const onDropped = createDroppedMessages(events)
    const onFault = (cause: unknown) => void events.emit('fault', { where: 'mqtt.db', cause })
    return openMqttStore(sqlite, { queue, retained, onDropped, onFault, ...(onCommit && { onCommit }) })
  } catch (error) {
    sqlite?.close()
    throw isDamaged(error) ? new Error(damagedAdvice(file), { cause: error }) : error
  }
}

const damagedAdvice = (file: string) =>
  `${file} is damaged. Put a backup in its place; or move it away together with its -wal and -shm files and start again: accounts and ` +
  'devices are in another file, but retained messages, stored sessions and their queues begin empty.'
