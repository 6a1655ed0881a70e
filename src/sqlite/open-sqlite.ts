import { codeOf } from '../files/code-of.ts'
import { makePrivateFile } from '../files/make-private-file.ts'
import { Database } from './sqlite.ts'

export interface SqliteOptions {
  /** How long a locked database is waited for, in milliseconds; the whole process waits. 5000 when not given. */
  readonly busyTimeoutMs?: number
  /** `NORMAL` keeps what is committed when the process dies, `FULL` also when the power fails. `NORMAL` when not given. */
  readonly synchronous?: 'NORMAL' | 'FULL'
  /**
   * Pages of 4 KiB after which a commit also moves what was written from the WAL into the file, and waits for the disk: a hundred take some
   * milliseconds. 1000, which is SQLite's own and takes tens of them where the pages are far apart, when not given.
   */
  readonly checkpointPages?: number
}

/** Opens the file, made with mode 0600 when it is not there, in WAL mode. */
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

/** When two processes switch a new file to WAL at once, SQLite refuses one of them without waiting: it waits for the lock, then looks again. */
function enterWal(sqlite: Database, attempts: number): void {
  try {
    sqlite.pragma('journal_mode = WAL')
  } catch (error) {
    if (attempts <= 1 || codeOf(error) !== 'SQLITE_BUSY') throw error
    sqlite.exec('begin immediate; commit')
    enterWal(sqlite, attempts - 1)
  }
}

/** Whether SQLite says that the file is no database, or not whole. */
export const isDamagedFile = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)

/** Whether SQLite says that another connection's lock is in the way. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(BUSY|PROTOCOL)/.test(error.code)
