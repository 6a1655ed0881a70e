import { type Kysely, sql } from 'kysely'
import type { HistoryStore } from '../../domain/history.ts'
import type { Database } from '../../sqlite/sqlite.ts'
import type { Tables } from '../tables.ts'
import { createHistoryFolding } from './history-folding.ts'
import { blockMs, dayMs, hourMs } from './levels.ts'

type HistoryPruning = Pick<HistoryStore, 'recordedDevices' | 'prune' | 'pruneReleased'>

/** The part of {@link HistoryStore} that deletes. Except for one count, nothing here reads or deletes an unbounded number of rows. */
export function createHistoryPruning(db: Kysely<Tables>, sqlite: Database): HistoryPruning {
  const fold = createHistoryFolding(sqlite)
  return {
    async recordedDevices(afterId, atMost) {
      const rows = await db
        .selectFrom('history_series')
        .select('device_id')
        .distinct()
        .where('device_id', '>', afterId)
        .orderBy('device_id')
        .limit(atMost)
        .execute()
      return rows.flatMap(row => row.device_id ?? [])
    },

    async prune(deviceId, { beforeMs, aggregatesBeforeMs, maxRows }, atMost) {
      return db.transaction().execute(async transaction => {
        // First, so that a sample is in its hour and day before it is deleted.
        if (await fold(transaction, deviceId, atMost)) return true
        const series = (
          await transaction.selectFrom('history_series').select('id').where('device_id', '=', deviceId).execute()
        ).map(row => row.id)
        let deleted = 0
        for (const id of series) {
          if (deleted >= atMost) return true
          const [last] = (await oldest(transaction, id, atMost - deleted, beforeMs)).slice(-1)
          if (last !== undefined) deleted += await deleteUpTo(transaction, id, last)
        }
        for (const id of series) {
          if (deleted >= atMost) return true
          deleted += await deleteAggregates(transaction, id, atMost - deleted, aggregatesBeforeMs)
        }
        if (deleted > 0) return true
        const excess = (await countOf(transaction, series)) - maxRows
        if (excess <= 0) return false
        const number = Math.min(excess, atMost)
        const candidates: number[] = []
        for (const id of series) candidates.push(...(await oldest(transaction, id, number)))
        const last = candidates.sort((a, b) => a - b)[number - 1]
        if (last === undefined) return false
        for (const id of series) await deleteUpTo(transaction, id, last)
        return number < excess
      })
    },

    async pruneReleased(atMost) {
      return db.transaction().execute(async transaction => {
        const left = await transaction
          .selectFrom('history_series')
          .select('id')
          .where('device_id', 'is', null)
          .limit(1)
          .executeTakeFirst()
        if (!left) return false
        const [last] = (await oldest(transaction, left.id, atMost)).slice(-1)
        if (last !== undefined) await deleteUpTo(transaction, left.id, last)
        else if ((await deleteAggregates(transaction, left.id, atMost)) === 0)
          await transaction.deleteFrom('history_series').where('id', '=', left.id).execute()
        return true
      })
    },
  }
}

/** The times of the oldest samples of a series, in order, at most `limit` of them. */
async function oldest(db: Kysely<Tables>, seriesId: number, limit: number, beforeMs = Infinity): Promise<number[]> {
  const rows = await db
    .selectFrom('history_sample')
    .select('at_ms')
    .where('series_id', '=', seriesId)
    .$if(beforeMs !== Infinity, query => query.where('at_ms', '<', beforeMs))
    .orderBy('at_ms')
    .limit(limit)
    .execute()
  return rows.map(row => row.at_ms)
}

async function countOf(db: Kysely<Tables>, seriesIds: readonly number[]): Promise<number> {
  let count = 0
  for (const id of seriesIds) {
    const { rows } = await db
      .selectFrom('history_sample')
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .where('series_id', '=', id)
      .executeTakeFirstOrThrow()
    count += Number(rows)
  }
  return count
}

/** Deletes the samples up to and including `lastMs`, and updates their blocks. Returns the number of samples. */
async function deleteUpTo(db: Kysely<Tables>, seriesId: number, lastMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('history_sample')
    .where('series_id', '=', seriesId)
    .where('at_ms', '<=', lastMs)
    .executeTakeFirstOrThrow()
  const cut = Math.floor(lastMs / blockMs)
  await db.deleteFrom('history_block').where('series_id', '=', seriesId).where('block', '<=', cut).execute()
  await sql`
    insert into history_block (series_id, block, samples, total, lowest, highest)
    select series_id, cast(${cut} as bigint), count(*), sum(value), min(value), max(value) from history_sample
    where series_id = ${seriesId} and at_ms > ${lastMs} and at_ms < ${(cut + 1) * blockMs}
    group by series_id`.execute(db)
  await db
    .updateTable('history_series')
    .set({ pruned_before_ms: lastMs + 1 })
    .where('id', '=', seriesId)
    .where('pruned_before_ms', '<=', lastMs)
    .execute()
  return Number(numDeletedRows)
}

/** Deletes hours, then days, that ended before `beforeMs`, the oldest first, at most `limit` of them. Resolves with their number. */
async function deleteAggregates(
  db: Kysely<Tables>,
  seriesId: number,
  limit: number,
  beforeMs = Infinity,
): Promise<number> {
  const remove = async (table: 'history_hour' | 'history_day', number: string, length: number, atMost: number) => {
    const [numbers, bound] = [sql.ref(number), Math.floor(beforeMs / length)]
    const old = sql`series_id = ${seriesId} ${beforeMs === Infinity ? sql`` : sql`and ${numbers} < ${bound}`}`
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where series_id = ${seriesId} and ${numbers} in
        (select ${numbers} from ${sql.table(table)} where ${old} order by ${numbers} limit ${atMost})`.execute(db)
    return Number(numAffectedRows ?? 0)
  }
  const hours = await remove('history_hour', 'hour', hourMs, limit)
  return hours >= limit ? hours : hours + (await remove('history_day', 'day', dayMs, limit - hours))
}
