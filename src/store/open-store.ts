import { Kysely, type LogEvent } from 'kysely'
import type { AccountStore } from '../domain/account.ts'
import type { AuditStore } from '../domain/audit.ts'
import type { DeviceStore } from '../domain/device.ts'
import type { EnrollmentStore } from '../domain/enrollment.ts'
import type { HistoryStore } from '../domain/history.ts'
import type { InvitationStore } from '../domain/invitation.ts'
import type { Listings } from '../domain/listings.ts'
import type { Clock } from '../domain/request.ts'
import { isDamagedFile, openSqlite } from '../sqlite/open-sqlite.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { createAccountStore } from './account-store.ts'
import { createAuditStore } from './audit-store.ts'
import { CachedSqliteDialect } from './cached-sqlite-dialect.ts'
import { createDeviceStore } from './device-store.ts'
import { createEnrollmentStore } from './enrollment-store.ts'
import { watchForeignChanges } from './foreign-changes.ts'
import { createHistoryStore } from './history-store.ts'
import { createInvitationStore } from './invitation-store.ts'
import { createListingStore } from './listing-store.ts'
import { migrate } from './migrate.ts'
import type { Tables } from './tables.ts'

/** The accounts' database, open. */
export interface Store {
  readonly accounts: AccountStore
  readonly devices: DeviceStore
  readonly invitations: InvitationStore
  readonly enrollment: EnrollmentStore
  readonly history: HistoryStore
  readonly listings: Listings
  readonly audit: AuditStore
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
  /** See `openSqlite`. */
  readonly synchronous?: 'NORMAL' | 'FULL'
  /** Told how long each statement that writes took. */
  readonly onWritten?: (durationMs: number) => void
}

/**
 * Opens `latchkey.db` and brings it to the newest shape. Rejects when a newer program wrote it, and, with what to do, when it is damaged or no
 * database.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  try {
    return await open(options)
  } catch (error) {
    throw isDamagedFile(error) ? new Error(damagedAdvice(options.file), { cause: error }) : error
  }
}

const damagedAdvice = (file: string): string =>
  `${file} is damaged. Put a backup in its place, without its -wal and -shm files: it holds the accounts, the devices and who owns them.`

async function open({
  file,
  now,
  pollIntervalMs = 250,
  synchronous = 'NORMAL',
  onWritten,
}: StoreOptions): Promise<Store> {
  const sqlite = openSqlite(file, { synchronous })
  const db = new Kysely<Tables>({
    dialect: new CachedSqliteDialect(sqlite),
    ...(onWritten && { log: event => void (isWrite(event) && onWritten(event.queryDurationMillis)) }),
  })
  try {
    await migrate(db)
    const dataVersion = sqlite.prepare('pragma data_version').pluck()
    const changes = watchForeignChanges(() => dataVersion.get(), pollIntervalMs)
    const check = () => checkWritable(sqlite)
    return {
      accounts: createAccountStore(db, now),
      devices: createDeviceStore(db, now),
      invitations: createInvitationStore(db, now),
      enrollment: createEnrollmentStore(db),
      history: createHistoryStore(db, sqlite, check),
      listings: createListingStore(db),
      audit: createAuditStore(db),
      onChangedElsewhere: changes.onChange,
      check,
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

const isWrite = ({ level, query }: LogEvent): boolean =>
  level === 'query' && /^(insert|update|delete|replace)/i.test(query.sql)

/** Writes the header's user version, which nothing reads: the smallest commit there is. */
function checkWritable(sqlite: Database): void {
  sqlite.pragma('busy_timeout = 0')
  try {
    sqlite.pragma('user_version = 1')
  } finally {
    sqlite.pragma('busy_timeout = 5000')
  }
}
