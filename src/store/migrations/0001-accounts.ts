import type { Migration } from 'kysely'

/** Accounts, the WeChat users linked to them, and the tokens on record. */
export const accounts: Migration = {
  async up(db) {
    await db.schema
      .createTable('account')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('username', 'text', column => column.notNull().unique())
      .addColumn('password_hash', 'text', column => column.notNull())
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('disabled', 'integer', column => column.notNull())
      .addColumn('created_at_ms', 'bigint', column => column.notNull())
      .execute()

    await db.schema
      .createTable('wechat_link')
      .addColumn('wechat_id', 'text', column => column.primaryKey())
      .addColumn('account_id', 'text', column => column.notNull().references('account.id').onDelete('cascade'))
      .addColumn('linked_at_ms', 'bigint', column => column.notNull())
      .execute()
    await db.schema.createIndex('wechat_link_account').on('wechat_link').column('account_id').execute()

    await db.schema
      .createTable('token')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('subject', 'text', column => column.notNull())
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('issued_at_ms', 'bigint', column => column.notNull())
      .addColumn('expires_at_ms', 'bigint', column => column.notNull())
      .addColumn('revoked_at_ms', 'bigint')
      .execute()
    await db.schema.createIndex('token_subject').on('token').column('subject').execute()
    await db.schema.createIndex('token_expiry').on('token').column('expires_at_ms').execute()
  },
}
