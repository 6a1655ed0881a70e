import { basename } from 'node:path'
import { Kysely, type LogEvent } from 'kysely'
import type { AccountStore } from '../domain/account.ts'
import type { AuditStore } from '../domain/audit.ts'
import { DatabaseBusy } from '../domain/database-busy.ts'
import type { DeviceStore } from '../domain/device.ts'
import type { EnrollmentStore } from '../domain/enrollment.ts'
import type { HistoryStore } from '../domain/history.ts'
import type { InvitationStore } from '../domain/invitation.ts'
import type { Listings } from '../domain/listings.ts'
import type { Clock } from '../domain/request.ts'
import { isBusy, isDamagedFile, openSqlite } from '../sqlite/open-sqlite.ts'
import { createAccountStore } from './accounts/account-store.ts'
import { createAuditStore } from './audit/audit-store.ts'
import { createForeignChanges } from './connection/foreign-changes.ts'
import { createLockLine } from './connection/lock-line.ts'
import { createPatientDialect } from './connection/patient-dialect.ts'
import { createDeviceStore } from './devices/device-store.ts'
import { createEnrollmentStore } from './devices/enrollment-store.ts'
import { createInvitationStore } from './devices/invitation-store.ts'
import { createHistoryStore } from './history/history-store.ts'
import { createListingStore } from './listings/listing-store.ts'
import { migrate } from './migrations/migrate.ts'
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
  /** From now on, calls `listener` after another connection (the command line) has committed, never for the store's own writes. */
  onChangedElsewhere(listener: () => void): void
  /** Throws, without waiting, when the database cannot be written now: it is locked, the disk is full, it is closed. */
  check(): void
  close(): Promise<void>
}

export interface StoreOptions {
  /** Made when it is not there; its folder must exist. */
  readonly file: string
  readonly now: Clock
  /** How often to look for changes of others; 250 ms by default. */
  readonly pollIntervalMs?: number
  /** See `openSqlite`. */
  readonly synchronous?: 'NORMAL' | 'FULL'
  /** Told the duration of each statement that writes. */
  readonly onWritten?: (durationMs: number) => void
  /** How long a statement waits for a lock of another process before `DatabaseBusy`, without holding up the event loop. 10 s by default. */
  readonly lockPatienceMs?: number
  /** See `createLockLine`. */
  readonly onLocked?: () => void
  readonly onFree?: (lockedMs: number) => void
}

/** How long opening waits for a lock, and by default each statement. */
const openingPatienceMs = 10_000
/** Deleted rows are on pages far apart, so a larger checkpoint would hold everybody up. */
const checkpointPages = 100

/**
 * Opens `latchkey.db` and migrates it. Rejects when a newer program wrote it, and with advice when it is damaged, not a database, or locked by
 * another process for ten seconds.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  try {
    return await open(options)
  } catch (error) {
    const advice = isDamagedFile(error) ? damagedAdvice : isLocked(error) ? lockedAdvice : undefined
    throw advice ? new Error(advice(options.file), { cause: error }) : error
  }
}

const damagedAdvice = (file: string): string =>
  `${file} is damaged. Put a backup in its place, without its -wal and -shm files: it holds the accounts, the devices and who owns them.`

const lockedAdvice = (file: string): string =>
  `another process holds a lock on ${file}: end it (a sqlite3 shell, a copying of the file, a command that hangs), then start again.`

const isLocked = (error: unknown): boolean =>
  isBusy(error) || error instanceof DatabaseBusy || (error instanceof Error && isLocked(error.cause))

async function open({
  file,
  now,
  pollIntervalMs = 250,
  synchronous = 'NORMAL',
  onWritten,
  lockPatienceMs = openingPatienceMs,
  onLocked,
  onFree,
}: StoreOptions): Promise<Store> {
  const sqlite = openSqlite(file, { synchronous, busyTimeoutMs: 0, checkpointPages })
  let patienceMs = openingPatienceMs
  const line = createLockLine({
    file: basename(file),
    patienceMs: () => patienceMs,
    ...(onLocked && { onLocked }),
    ...(onFree && { onFree }),
  })
  const db = new Kysely<Tables>({
    dialect: createPatientDialect(sqlite, line),
    ...(onWritten && { log: event => void (isWrite(event) && onWritten(event.queryDurationMillis)) }),
  })
  try {
    await migrate(db)
    patienceMs = lockPatienceMs
    const dataVersion = sqlite.prepare('pragma data_version').pluck()
    const changes = createForeignChanges(() => dataVersion.get(), pollIntervalMs)
    return {
      accounts: createAccountStore(db, now),
      devices: createDeviceStore(db, now),
      invitations: createInvitationStore(db, now),
      enrollment: createEnrollmentStore(db),
      history: createHistoryStore(db, sqlite, work => line.run({}, work, false)),
      listings: createListingStore(db),
      audit: createAuditStore(db),
      onChangedElsewhere: changes.onChange,
      // Writes the header's user version, which nothing reads: the smallest commit there is.
      check: () => void sqlite.pragma('user_version = 1'),
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
