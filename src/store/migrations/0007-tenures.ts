import { type Migration, sql } from 'kysely'

/**
 * A device as one owner has it is a tenure, which ends when the device is released. What an earlier version kept of a device that never was is
 * of the tenure without a name.
 */
export const tenures: Migration = {
  async up(db) {
    await db.schema
      .alterTable('device')
      .addColumn('tenure', 'text', column => column.notNull().defaultTo(''))
      .execute()
    await sql`update device set tenure = cast(history_from_ms as text) where history_from_ms > 0`.execute(db)
  },
}
