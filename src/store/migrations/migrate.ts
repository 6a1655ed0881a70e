import { type Kysely, Migrator, sql } from 'kysely'
import { migrations } from './migrations.ts'

export const recordTable = 'kysely_migration'

/**
 * Migrates the database to the newest shape, in one transaction. Rejects, and changes nothing, when a newer program wrote it. Several processes
 * may do so at the same time.
 */
export async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const applied = await appliedMigrations(db)
  const unknown = applied.filter(name => !Object.hasOwn(migrations, name))
  if (unknown.length > 0)
    throw new Error(
      `the database is newer than this program, which does not know its migration ${unknown.join(', ')}: run the newer version`,
    )
  if (applied.length === Object.keys(migrations).length) return // a broker starts while another process writes
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: recordTable,
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw new Error('the database could not be migrated', { cause: error })
}

async function appliedMigrations<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(table => table.name === recordTable)) return []
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(recordTable)} order by name`.execute(db)
  return rows.map(row => row.name)
}
