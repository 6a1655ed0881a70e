import type { Migration } from 'kysely'

/** Which device types may enroll, and which devices have. */
export const enrollment: Migration = {
  async up(db) {
    await db.schema
      .createTable('product')
      .addColumn('type', 'text', column => column.primaryKey())
      .addColumn('generation', 'integer', column => column.notNull())
      .addColumn('enabled', 'integer', column => column.notNull())
      .execute()

    await db.schema
      .createTable('enrollment')
      .addColumn('device_id', 'text', column => column.primaryKey().references('device.id').onDelete('cascade'))
      .addColumn('timestamp_s', 'bigint', column => column.notNull())
      .addColumn('may_enroll_again', 'integer', column => column.notNull())
      .execute()
  },
}
