import type { Kysely, Transaction } from 'kysely'
import type { Device, DeviceCredentials } from '../../domain/device.ts'
import type { EnrollmentStore, Product } from '../../domain/enrollment.ts'
import type { Tables } from '../tables.ts'
import { codeColumns, insertDevice } from './device-row.ts'

/** {@link EnrollmentStore} on the database. */
export function createEnrollmentStore(db: Kysely<Tables>): EnrollmentStore {
  return {
    async productOf(type) {
      const row = await db.selectFrom('product').selectAll().where('type', '=', type).executeTakeFirst()
      return row && parseProduct(row)
    },

    async setProductEnabled(type, enabled) {
      const row = await db
        .insertInto('product')
        .values({ type, generation: 1, enabled: Number(enabled) })
        .onConflict(conflict => conflict.column('type').doUpdateSet({ enabled: Number(enabled) }))
        .returningAll()
        .executeTakeFirstOrThrow()
      return parseProduct(row)
    },

    async rotateProduct(type) {
      const row = await db
        .insertInto('product')
        .values({ type, generation: 2, enabled: 0 })
        .onConflict(conflict =>
          conflict.column('type').doUpdateSet(({ eb, ref }) => ({ generation: eb(ref('product.generation'), '+', 1) })),
        )
        .returningAll()
        .executeTakeFirstOrThrow()
      return parseProduct(row)
    },

    enroll: (device, credentials, timestamp) =>
      db.transaction().execute(async transaction => {
        if (await enrollAgain(transaction, device, timestamp)) {
          const hasOwner = await isOwned(transaction, device.id)
          await replaceCredentials(transaction, device.id, hasOwner ? { ...credentials, claimHash: null } : credentials)
          return { hasOwner }
        }
        if (await insertDevice(transaction, device, credentials)) {
          await transaction
            .insertInto('enrollment')
            .values({ device_id: device.id, timestamp_s: timestamp, may_enroll_again: 0 })
            .execute()
          return { hasOwner: false }
        }
        return (await mayEnrollAgain(transaction, device)) ? 'replayed' : 'taken'
      }),

    async allowEnrollingAgain(deviceId) {
      await db.updateTable('enrollment').set({ may_enroll_again: 1 }).where('device_id', '=', deviceId).execute()
    },
  }
}

/** A device of another type may have the same id: `a-b` with serial `c`, and `a` with serial `b-c`. */
const resetDevice = (db: Transaction<Tables>, { id, type }: Device) =>
  db
    .selectFrom('enrollment')
    .innerJoin('device', 'device.id', 'enrollment.device_id')
    .select('device.id')
    .where('device.id', '=', id)
    .where('device.type', '=', type)
    .where('may_enroll_again', '=', 1)

const mayEnrollAgain = async (db: Transaction<Tables>, device: Device): Promise<boolean> =>
  (await resetDevice(db, device).executeTakeFirst()) !== undefined

/** Using up the permission also decides between simultaneous requests. */
async function enrollAgain(db: Transaction<Tables>, device: Device, timestamp: number): Promise<boolean> {
  const used = await db
    .updateTable('enrollment')
    .set({ may_enroll_again: 0, timestamp_s: timestamp })
    .where('device_id', 'in', resetDevice(db, device))
    .where('timestamp_s', '<', timestamp)
    .returning('device_id')
    .executeTakeFirst()
  return used !== undefined
}

async function isOwned(db: Transaction<Tables>, deviceId: string): Promise<boolean> {
  const owner = await db
    .selectFrom('member')
    .select('account_id')
    .where('device_id', '=', deviceId)
    .where('role', '=', 'owner')
    .executeTakeFirst()
  return owner !== undefined
}

async function replaceCredentials(
  db: Transaction<Tables>,
  deviceId: string,
  { secretHash, claimHash }: DeviceCredentials,
): Promise<void> {
  await db
    .updateTable('device')
    .set({ secret_hash: secretHash, ...codeColumns(claimHash) })
    .where('id', '=', deviceId)
    .execute()
}

const parseProduct = (row: Tables['product']): Product => ({
  type: row.type,
  generation: row.generation,
  enabled: row.enabled !== 0,
})
