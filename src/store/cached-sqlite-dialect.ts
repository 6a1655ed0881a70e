import { SqliteAdapter, SqliteDialect } from 'kysely'
import type { Database, Statement } from '../sqlite/sqlite.ts'

const maxStatements = 500

/**
 * Kysely's SQLite dialect with three differences: a statement is prepared once, not for every query; a transaction takes the write lock when it
 * begins, so that what it reads is still true when it writes, for other processes too; and a full disk is reported as such.
 */
export class CachedSqliteDialect extends SqliteDialect {
  constructor(sqlite: Database) {
    const statements = new Map<string, Statement>()
    super({
      database: {
        close: () => void sqlite.close(),
        prepare(query) {
          const text = inPlaceOf(query, sqlite)
          const known = statements.get(text)
          if (known) return known
          if (statements.size >= maxStatements) statements.clear()
          const statement = sqlite.prepare<unknown[]>(text)
          statements.set(text, statement)
          return statement
        },
      },
    })
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter()
  }
}

function inPlaceOf(query: string, sqlite: Database): string {
  if (query === 'begin') return 'begin immediate'
  // On a full disk SQLite has rolled back by itself; failing to do it again would hide the reason.
  if (query === 'rollback' && !sqlite.inTransaction) return 'select 1'
  return query
}

/** SQLite can change tables in a transaction; two processes that migrate at once then take turns. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
