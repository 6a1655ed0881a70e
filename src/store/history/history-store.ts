import type { Kysely } from 'kysely'
import type { HistoryStore } from '../../domain/history.ts'
import type { Database } from '../../sqlite/sqlite.ts'
import type { Tables } from '../tables.ts'
import { createHistoryDays } from './history-days.ts'
import { createHistoryPruning } from './history-pruning.ts'
import { createHistoryReading, type Reading } from './history-reading.ts'
import { createHistoryWriting } from './history-writing.ts'

/** {@link HistoryStore} on the database. */
export const createHistoryStore = (db: Kysely<Tables>, sqlite: Database, reading: Reading): HistoryStore => ({
  ...createHistoryWriting(db, sqlite),
  ...createHistoryPruning(db, sqlite),
  ...createHistoryReading(sqlite, reading),
  ...createHistoryDays(db),
})
