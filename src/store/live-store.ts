import { CompiledQuery, type Kysely } from 'kysely'
import type { DeviceStore, Presence } from '../domain/device.ts'
import { isJsonObject, type JsonObject } from '../domain/json.ts'
import type { Tables } from './tables.ts'

type LiveStore = Pick<DeviceStore, 'presences' | 'savePresence' | 'states' | 'saveStates'>

/** The part of {@link DeviceStore} that changes while devices talk: presence and last state. */
export function createLiveStore(db: Kysely<Tables>): LiveStore {
  // A thousand states a second may be saved, and building each query anew would cost more than running it.
  const saveStateSql = saveState(db, 'state', 'id').compile().sql

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

    async states() {
      const rows = await db.selectFrom('device_state').select(['device_id', 'state']).execute()
      return new Map(rows.map(row => [row.device_id, parseState(row)]))
    },

    async saveStates(states) {
      if (states.size === 0) return
      await db.transaction().execute(async transaction => {
        for (const [deviceId, state] of states)
          await transaction.executeQuery(CompiledQuery.raw(saveStateSql, [JSON.stringify(state), deviceId]))
      })
    },
  }
}

/** Selects from `device` so that one that does not exist is passed over. */
const saveState = (db: Kysely<Tables>, state: string, deviceId: string) =>
  db
    .insertInto('device_state')
    .columns(['state', 'device_id'])
    .expression(({ selectFrom, val }) =>
      selectFrom('device')
        .select([val(state).as('state'), 'id'])
        .where('id', '=', deviceId),
    )
    .onConflict(conflict => conflict.column('device_id').doUpdateSet(saved => ({ state: saved.ref('excluded.state') })))

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
