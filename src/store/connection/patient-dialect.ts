import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { Database } from '../../sqlite/sqlite.ts'
import type { LockLine } from './lock-line.ts'
import { createPatientDriver } from './patient-driver.ts'

/** Kysely's SQLite dialect on {@link createPatientDriver}. The database is closed with Kysely. */
export const createPatientDialect = (sqlite: Database, line: LockLine): Dialect => ({
  createDriver: () => createPatientDriver(sqlite, line),
  createAdapter: () => new TransactionalDdlAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: db => new SqliteIntrospector(db),
})

/** SQLite can change tables in a transaction, so two processes that migrate at once take turns. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
