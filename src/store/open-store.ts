import type { Database } from 'better-sqlite3'
import { Kysely } from 'kysely'
import type { AccountStore } from '../domain/account.ts'
import type { DeviceStore } from '../domain/device.ts'
import type { EnrollmentStore } from '../domain/enrollment.ts'
import type { Clock } from '../domain/request.ts'
import { createAccountStore } from './account-store.ts'
import { CachedSqliteDialect } from './cached-sqlite-dialect.ts'
import { createDeviceStore } from './device-store.ts'
import { createEnrollmentStore } from './enrollment-store.ts'
import { watchForeignChanges } from './foreign-changes.ts'
import { migrate } from './migrate.ts'
import { openSqlite } from './open-sqlite.ts'
import type { Tables } from './tables.ts'

/** The accounts' database, open. */
export interface Store {
  readonly accounts: AccountStore
  readonly devices: DeviceStore
  readonly enrollment: EnrollmentStore
  /** Calls `listener` after another connection (the command line) committed; never for what this store wrote. */
  onChangedElsewhere(listener: () => void): void
  /** Throws, without waiting, when the database cannot be written now: it is locked, the disk is full, it is closed. */
  check(): void
  close(): Promise<void>
}

export interface StoreOptions {
  /** Made when it is not there; its folder must exist. */
  readonly file: string
  readonly now: Clock
  /** How often to look for changes made elsewhere; 250 ms when not given. */
  readonly pollIntervalMs?: number
}

/** Opens `latchkey.db` and brings it to the newest shape. Rejects when it is not a database of ours or a newer program wrote it. */
export async function openStore({ file, now, pollIntervalMs = 250 }: StoreOptions): Promise<Store> {
  const sqlite = openSqlite(file)
  const db = new Kysely<Tables>({ dialect: new CachedSqliteDialect(sqlite) })
  try {
    await migrate(db)
    const dataVersion = sqlite.prepare('pragma data_version').pluck()
    const changes = watchForeignChanges(() => dataVersion.get(), pollIntervalMs)
    return {
      accounts: createAccountStore(db, now),
      devices: createDeviceStore(db, now),
      enrollment: createEnrollmentStore(db),
      onChangedElsewhere: changes.onChange,
      check: () => checkWritable(sqlite),
      async close() {
        changes.stop()
        await db.destroy()
      },
    }
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** Writes the header's user version, which nothing reads: the smallest commit there is. */
function checkWritable(sqlite: Database): void {
  sqlite.pragma('busy_timeout = 0')
  try {
    sqlite.pragma('user_version = 1')
  } finally {
    sqlite.pragma('busy_timeout = 5000')
  }
}
