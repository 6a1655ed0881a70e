import type { Migration } from 'kysely'

/** Open invitations to devices, by hash: one that was used is gone. */
export const invitations: Migration = {
  async up(db) {
    await db.schema
      .createTable('invitation')
      .addColumn('hash', 'text', column => column.primaryKey())
      .addColumn('device_id', 'text', column => column.notNull().references('device.id').onDelete('cascade'))
      .addColumn('owner_id', 'text', column => column.notNull().references('account.id').onDelete('cascade'))
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('expires_at_ms', 'bigint', column => column.notNull())
      .execute()
    await db.schema.createIndex('invitation_device').on('invitation').column('device_id').execute()
  },
}
