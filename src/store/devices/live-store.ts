import type { Kysely } from 'kysely'
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
      if (presences.size === 0) return
      await db.transaction().execute(async transaction => {
        for (const [deviceId, presence] of presences) await savePresence(transaction, deviceId, presence)
      })
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

const savePresence = (db: Kysely<Tables>, deviceId: string, { online, sinceMs, reason, node }: KeptPresence) =>
  db
    .insertInto('presence')
    .columns(['online', 'since_ms', 'reason', 'node', 'device_id'])
    .expression(({ selectFrom, val }) =>
      selectFrom('device')
        .select([
          val(Number(online)).as('online'),
          val(sinceMs).as('since_ms'),
          val(reason ?? null).as('reason'),
          val(node ?? null).as('node'),
          'id',
        ])
        .where('id', '=', deviceId),
    )
    .onConflict(conflict =>
      conflict.column('device_id').doUpdateSet(saved => ({
        online: saved.ref('excluded.online'),
        since_ms: saved.ref('excluded.since_ms'),
        reason: saved.ref('excluded.reason'),
        node: saved.ref('excluded.node'),
      })),
    )
    .execute()

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
