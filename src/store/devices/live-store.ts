import { type Kysely, sql } from 'kysely'
import type { DeviceStore, KeptPresence } from '../../domain/device.ts'
import { isJsonObject, type JsonObject } from '../../domain/json.ts'
import type { Tables } from '../tables.ts'

type LiveStore = Pick<DeviceStore, 'presences' | 'savePresences' | 'earlierStates' | 'dropEarlierStates'>

/** The part of {@link DeviceStore} for presence, and for states that an earlier version kept here. */
export function createLiveStore(db: Kysely<Tables>): LiveStore {
  return {
    async presences() {
      const rows = await db.selectFrom('presence').selectAll().execute()
      return new Map(rows.map(row => [row.device_id, parsePresence(row)]))
    },

    async savePresences(presences) {
      if (presences.size > 0) await savePresences(presences).execute(db)
    },

    async earlierStates() {
      const rows = await db.selectFrom('device_state').select(['device_id', 'state']).execute()
      return new Map(rows.map(row => [row.device_id, parseState(row)]))
    },

    async dropEarlierStates() {
      await db.deleteFrom('device_state').execute()
    },
  }
}

/** One statement for any number of them: a device that comes and goes writes one each time. Those of devices that are not registered are left out. */
const savePresences = (
  presences: ReadonlyMap<string, KeptPresence>,
) => sql`insert into presence (device_id, online, since_ms, reason, node)
  select device.id, value ->> 'online', value ->> 'sinceMs', value ->> 'reason', value ->> 'node'
  from json_each(${JSON.stringify(Array.from(presences, ([deviceId, presence]) => ({ ...presence, deviceId })))})
  join device on device.id = value ->> 'deviceId'
  where true
  on conflict (device_id) do update set
    online = excluded.online, since_ms = excluded.since_ms, reason = excluded.reason, node = excluded.node`

const parsePresence = (row: Tables['presence']): KeptPresence => ({
  online: row.online !== 0,
  sinceMs: row.since_ms,
  ...(row.reason !== null && { reason: row.reason }),
  ...(row.node !== null && { node: row.node }),
})

function parseState(row: Tables['device_state']): JsonObject {
  const state: unknown = JSON.parse(row.state)
  if (!isJsonObject(state)) throw new Error(`the stored state of device ${row.device_id} is not a JSON object`)
  return state
}
