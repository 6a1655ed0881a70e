import type { Database } from '../../sqlite/sqlite.ts'
import { recordTable } from '../migrations/migrate.ts'
import { migrations } from '../migrations/migrations.ts'

/** Migrations of a database that this program does not know, because a newer one wrote it. Changes nothing. */
export function unknownMigrations(sqlite: Database): readonly string[] {
  const isThere = sqlite.prepare('select 1 from sqlite_master where name = ?').get(recordTable)
  const names: unknown[] = isThere ? sqlite.prepare(`select name from ${recordTable} order by name`).pluck().all() : []
  return names.map(String).filter(name => !Object.hasOwn(migrations, name))
}
