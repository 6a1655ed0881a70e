import { type Kysely, sql } from 'kysely'
import type { HistoryBucket, HistoryQuestion, HistoryStore } from '../domain/history.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { blockMs } from './history-block.ts'
import { createHistoryPruning } from './history-pruning.ts'
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

/** A bound number is a floating one to SQLite, and would divide like one. */
const whole = (value: number) => sql`cast(${value} as bigint)`

/**
 * Whole blocks where a bucket holds them, single samples at its two ends: a bucket from `starts` to `ends` holds the blocks from
 * `first_block` up to, not including, `end_block`.
 */
async function readBuckets(
  db: Kysely<Tables>,
  seriesId: number,
  { fromMs, toMs, bucketMs }: HistoryQuestion,
): Promise<HistoryBucket[]> {
  const count = Math.ceil((toMs - fromMs) / bucketMs)
  const startOf = (n: ReturnType<typeof sql>) => sql`${whole(fromMs)} + ${n} * ${whole(bucketMs)}`
  const block = whole(blockMs)
  const { rows } = await sql<{ n: number; min: number; max: number; avg: number; last: number }>`
    with recursive number (n) as (select 0 union all select n + 1 from number where n + 1 < ${count}),
    bucket as (
      select n, ${startOf(sql`n`)} as starts,
        case when n + 1 < ${count} then ${startOf(sql`(n + 1)`)} else ${whole(toMs)} end as ends
      from number
    ),
    span as (select n, starts, ends, (starts + ${block} - 1) / ${block} as first_block, ends / ${block} as end_block from bucket),
    part as (
      select n, ends, lowest, highest, total, samples from span cross join history_block
      where series_id = ${seriesId} and block >= first_block and block < end_block
      union all
      select n, ends, value, value, value, 1 from span cross join history_sample
      where series_id = ${seriesId} and at_ms >= starts
        and at_ms < case when first_block * ${block} < ends then first_block * ${block} else ends end
      union all
      select n, ends, value, value, value, 1 from span cross join history_sample
      where series_id = ${seriesId} and at_ms < ends
        and at_ms >= case when first_block < end_block then end_block * ${block} else first_block * ${block} end
    )
    select n, min(lowest) as min, max(highest) as max, sum(total) / sum(samples) as avg,
      (select value from history_sample where series_id = ${seriesId} and at_ms < ends order by at_ms desc limit 1) as last
    from part group by n, ends order by n`.execute(db)
  return rows.map(({ n, ...bucket }) => ({ startMs: fromMs + n * bucketMs, ...bucket }))
}
