import { type Migration, sql } from 'kysely'

/** Devices, their members, presence and last state. */
export const devices: Migration = {
  async up(db) {
    await db.schema
      .createTable('device')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('type', 'text', column => column.notNull())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('disabled', 'integer', column => column.notNull())
      .addColumn('secret_hash', 'text', column => column.notNull())
      .addColumn('claim_hash', 'text')
      .addColumn('created_at_ms', 'bigint', column => column.notNull())
      .execute()

    await db.schema
      .createTable('member')
      .addColumn('device_id', 'text', column => column.notNull().references('device.id').onDelete('cascade'))
      .addColumn('account_id', 'text', column => column.notNull().references('account.id').onDelete('cascade'))
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('since_ms', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('member_key', ['device_id', 'account_id'])
      .execute()
    await db.schema.createIndex('member_account').on('member').column('account_id').execute()
    await db.schema
      .createIndex('member_one_owner')
      .unique()
      .on('member')
      .column('device_id')
      .where(sql.ref('role'), '=', 'owner')
      .execute()

    await db.schema
      .createTable('presence')
      .addColumn('device_id', 'text', column => column.primaryKey().references('device.id').onDelete('cascade'))
      .addColumn('online', 'integer', column => column.notNull())
      .addColumn('since_ms', 'bigint', column => column.notNull())
      .addColumn('reason', 'text')
      .execute()

    await db.schema
      .createTable('device_state')
      .addColumn('device_id', 'text', column => column.primaryKey().references('device.id').onDelete('cascade'))
      .addColumn('state', 'text', column => column.notNull())
      .execute()
  },
}
