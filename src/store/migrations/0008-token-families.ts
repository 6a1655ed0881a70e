import { type Migration, sql } from 'kysely'

/** What each token's `acl` claim must be, which family it is of, and when it ends before its `exp`. Tokens of before have none of these. */
export const tokenFamilies: Migration = {
  async up(db) {
    await db.schema
      .createTable('token_family')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('began_at_ms', 'bigint', column => column.notNull())
      .addColumn('expires_at_ms', 'bigint', column => column.notNull())
      .addColumn('revoked_at_ms', 'bigint')
      .addColumn('used_generation', 'integer', column => column.notNull())
      .addColumn('used_token', 'text', column => column.notNull())
      .execute()
    await db.schema.createIndex('token_family_expiry').on('token_family').column('expires_at_ms').execute()

    await db.schema.alterTable('token').addColumn('acl_hash', 'text').execute()
    await db.schema.alterTable('token').addColumn('family', 'text').execute()
    await db.schema.alterTable('token').addColumn('generation', 'integer').execute()
    await db.schema.alterTable('token').addColumn('ends_at_ms', 'bigint').execute()
    await sql`create index token_service_expiry on token (expires_at_ms) where role = 'service'`.execute(db)
  },
}
