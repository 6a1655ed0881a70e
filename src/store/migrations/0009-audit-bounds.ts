import { type Migration, sql } from 'kysely'

/** How many entries there are that the greatest number bounds: those of nobody who runs the machine. And who is named in a detail alone is found. */
export const auditBounds: Migration = {
  async up(db) {
    await db.schema
      .createTable('audit_size')
      .addColumn('bounded', 'bigint', column => column.notNull())
      .execute()
    await sql`
      insert into audit_size (bounded)
      select count(*) from audit where actor_kind not in ('operator', 'cli')`.execute(db)
    await sql`create index audit_bounded on audit (id) where actor_kind not in ('operator', 'cli')`.execute(db)
    await sql`create index audit_named on audit (detail) where kind in ('member-removed', 'invitation-accepted')`.execute(
      db,
    )
  },
}
