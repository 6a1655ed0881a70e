import type { Kysely } from 'kysely'
import type { DeviceStore, Presence } from '../domain/device.ts'
import { isJsonObject, type JsonObject } from '../domain/json.ts'
import type { Tables } from './tables.ts'

type LiveStore = Pick<DeviceStore, 'presences' | 'savePresence' | 'earlierStates' | 'dropEarlierStates'>

/** The part of {@link DeviceStore} that changes while devices talk: presence; and the states that once stood here. */
export function createLiveStore(db: Kysely<Tables>): LiveStore {
  return {
    async presences() {
      const rows = await db.selectFrom('presence').select(['device_id', 'online', 'since_ms', 'reason']).execute()
      return new Map(rows.map(row => [row.device_id, parsePresence(row)]))
    },

    async savePresence(deviceId, { online, sinceMs, reason }) {
      const values = { online: Number(online), since_ms: sinceMs, reason: reason ?? null }
      await db
        .insertInto('presence')
        .values({ device_id: deviceId, ...values })
        .onConflict(conflict => conflict.column('device_id').doUpdateSet(values))
        .execute()
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

const parsePresence = (row: Tables['presence']): Presence => ({
  online: row.online !== 0,
  sinceMs: row.since_ms,
  ...(row.reason !== null && { reason: row.reason }),
})

function parseState(row: Tables['device_state']): JsonObject {
  const state: unknown = JSON.parse(row.state)
  if (!isJsonObject(state)) throw new Error(`the stored state of device ${row.device_id} is not a JSON object`)
  return state
}
