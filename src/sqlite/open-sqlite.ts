import { codeOf } from '../files/code-of.ts'
import { makePrivateFile } from '../files/make-private-file.ts'
import { Database } from './sqlite.ts'

export interface SqliteOptions {
  /** How long to wait for a locked database; the whole process waits. 5000 by default. */
  readonly busyTimeoutMs?: number
  /** `NORMAL` keeps commits when the process dies, `FULL` also when the power fails. `NORMAL` by default. */
  readonly synchronous?: 'NORMAL' | 'FULL'
  /**
   * Pages of 4 KiB in the WAL after which a commit also checkpoints, and waits for the disk. A hundred take some milliseconds; SQLite's default of
   * 1000 takes tens of milliseconds when the pages are far apart.
   */
  readonly checkpointPages?: number
}

/** Opens the file in WAL mode, and makes it with mode 0600 when it is missing. */
export function openSqlite(
  file: string,
  { busyTimeoutMs = 5000, synchronous = 'NORMAL', checkpointPages = 1000 }: SqliteOptions = {},
): Database {
  makePrivateFile(file)
  const sqlite = new Database(file, { timeout: 5000 })
  try {
    enterWal(sqlite, 10)
    sqlite.pragma(`busy_timeout = ${busyTimeoutMs}`)
    sqlite.pragma(`synchronous = ${synchronous}`)
    sqlite.pragma(`wal_autocheckpoint = ${checkpointPages}`)
    sqlite.pragma('foreign_keys = ON')
    return sqlite
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** When two processes switch a new file to WAL at once, SQLite refuses one of them without waiting. This one waits for the lock, then tries again. */
function enterWal(sqlite: Database, attempts: number): void {
  try {
    sqlite.pragma('journal_mode = WAL')
  } catch (error) {
    if (attempts <= 1 || codeOf(error) !== 'SQLITE_BUSY') throw error
    sqlite.exec('begin immediate; commit')
    enterWal(sqlite, attempts - 1)
  }
}

/** True for SQLite's errors about a file that is damaged, or no database. */
export const isDamagedFile = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)

/** True for SQLite's errors about a lock of another connection. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(BUSY|PROTOCOL)/.test(error.code)
