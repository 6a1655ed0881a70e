import type { Kysely } from 'kysely'
import type { DeviceStore } from '../../domain/device.ts'
import type { Clock } from '../../domain/request.ts'
import { isOneOf } from '../is-one-of.ts'
import { createRowsById } from '../rows-by-id.ts'
import type { Tables } from '../tables.ts'
import { codeColumns, deviceColumns, insertDevice, parseDevice, validClaimHash } from './device-row.ts'
import { createLiveStore } from './live-store.ts'
import { createMemberStore } from './member-store.ts'

/** {@link DeviceStore} on the database. */
export function createDeviceStore(db: Kysely<Tables>, now: Clock): DeviceStore {
  const rowsById = createRowsById(db, id =>
    db
      .selectFrom('device')
      .select([...deviceColumns, 'secret_hash', 'claim_hash', 'claim_until_ms', 'tenure'])
      .where('id', '=', id),
  )

  return {
    ...createMemberStore(db, now),
    ...createLiveStore(db),

    createDevice: (device, credentials) => insertDevice(db, device, credentials),

    async deviceById(id) {
      const [row] = await rowsById(id)
      if (!row) return undefined
      return {
        ...parseDevice(row),
        secretHash: row.secret_hash,
        claimHash: validClaimHash(row, now()),
        tenure: row.tenure,
      }
    },

    async devicesById(ids) {
      const rows = await db
        .selectFrom('device')
        .select([...deviceColumns, 'secret_hash', 'claim_hash', 'claim_until_ms'])
        .where(isOneOf('id', ids))
        .execute()
      return new Map(
        rows.map(row => [
          row.id,
          { ...parseDevice(row), secretHash: row.secret_hash, claimHash: validClaimHash(row, now()) },
        ]),
      )
    },

    async devicesAfter(afterId, atMost) {
      const all = db.selectFrom('device').select(deviceColumns).orderBy('id')
      return (await all.where('id', '>', afterId).limit(atMost).execute()).map(parseDevice)
    },

    async listDevices() {
      const rows = await db.selectFrom('device').select(deviceColumns).orderBy('id').execute()
      return rows.map(parseDevice)
    },

    async tenures() {
      const rows = await db.selectFrom('device').select(['id', 'tenure']).execute()
      return new Map(rows.map(({ id, tenure }) => [id, tenure]))
    },

    async setDeviceDisabled(id, disabled) {
      await db
        .updateTable('device')
        .set({ disabled: Number(disabled) })
        .where('id', '=', id)
        .execute()
    },

    async setCredentials(id, { secretHash, claimHash }) {
      const changes = {
        ...(secretHash !== undefined && { secret_hash: secretHash }),
        ...(claimHash !== undefined && codeColumns(claimHash)),
      }
      if (Object.keys(changes).length === 0) return
      await db.updateTable('device').set(changes).where('id', '=', id).execute()
    },

    async renameDevice(id, ownerId, name) {
      const renamed = await db
        .updateTable('device')
        .set({ name })
        .where('id', '=', ({ selectFrom }) =>
          selectFrom('member')
            .select('device_id')
            .where('device_id', '=', id)
            .where('account_id', '=', ownerId)
            .where('role', '=', 'owner'),
        )
        .returning('id')
        .executeTakeFirst()
      return renamed !== undefined
    },
  }
}
