import type { Kysely } from 'kysely'
import type { HistoryStore } from '../domain/history.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { createHistoryPruning } from './history-pruning.ts'
import { readBuckets } from './history-reading.ts'
import { createHistoryWriting } from './history-writing.ts'
import type { Tables } from './tables.ts'

/** {@link HistoryStore} on the database. */
export function createHistoryStore(db: Kysely<Tables>, sqlite: Database): HistoryStore {
  return {
    ...createHistoryWriting(db, sqlite),
    ...createHistoryPruning(db),

    async read(question) {
      const series = await db
        .selectFrom('history_series')
        .select('id')
        .where('device_id', '=', question.deviceId)
        .where('property', '=', question.property)
        .executeTakeFirst()
      if (!series) return { buckets: [] }
      const earlier = await db
        .selectFrom('history_sample')
        .select('value')
        .where('series_id', '=', series.id)
        .where('at_ms', '<', question.fromMs)
        .orderBy('at_ms', 'desc')
        .limit(1)
        .executeTakeFirst()
      const buckets = await readBuckets(db, series.id, question)
      return { ...(earlier && { before: earlier.value }), buckets }
    },
  }
}
