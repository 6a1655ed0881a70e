import { type Migration, SqliteAdapter, sql } from 'kysely'

/** Who did what to whom. Entries are never changed; the database itself refuses it. */
export const audit: Migration = {
  async up(db) {
    await db.schema
      .createTable('audit')
      .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
      .addColumn('at_ms', 'bigint', column => column.notNull())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('actor_kind', 'text', column => column.notNull())
      .addColumn('actor_id', 'text', column => column.notNull())
      .addColumn('client_id', 'text', column => column.notNull())
      .addColumn('address', 'text', column => column.notNull())
      .addColumn('target_kind', 'text')
      .addColumn('target_id', 'text')
      .addColumn('detail', 'text')
      .execute()
    for (const column of ['at_ms', 'actor_id', 'client_id', 'target_id'])
      await db.schema.createIndex(`audit_${column}`).on('audit').column(column).execute()
    if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
    await sql`
      create trigger audit_never_changes before update on audit
      begin select raise(abort, 'the audit trail is never changed'); end`.execute(db)
  },
}
