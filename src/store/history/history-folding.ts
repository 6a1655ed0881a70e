import type { Kysely } from 'kysely'
import type { Database } from '../../sqlite/sqlite.ts'
import type { Tables } from '../tables.ts'
import { createHistoryAggregates } from './history-aggregates.ts'

/**
 * Adds samples that a version without hourly and daily figures kept to these figures, the oldest first, at most `atMost` of them. Called within a
 * transaction. True when there were any.
 */
export function createHistoryFolding(
  sqlite: Database,
): (db: Kysely<Tables>, deviceId: string, atMost: number) => Promise<boolean> {
  const aggregates = createHistoryAggregates(sqlite)
  return async (db, deviceId, atMost) => {
    const series = await db
      .selectFrom('history_series')
      .select(['id', 'unfolded_from_ms', 'unfolded_to_ms'])
      .where('device_id', '=', deviceId)
      .where('unfolded_from_ms', 'is not', null)
      .limit(1)
      .executeTakeFirst()
    if (!series) return false
    const rows = await db
      .selectFrom('history_sample')
      .select(['at_ms as atMs', 'value'])
      .where('series_id', '=', series.id)
      .where('at_ms', '>=', series.unfolded_from_ms)
      .where('at_ms', '<=', series.unfolded_to_ms)
      .orderBy('at_ms')
      .limit(atMost)
      .execute()
    aggregates.add(series.id, rows)
    const last = rows.at(-1)
    const isDone = last === undefined || rows.length < atMost
    await db
      .updateTable('history_series')
      .set(isDone ? { unfolded_from_ms: null, unfolded_to_ms: null } : { unfolded_from_ms: last.atMs + 1 })
      .where('id', '=', series.id)
      .execute()
    return true
  }
}
