import { type Kysely, sql } from 'kysely'
import type { HistoryBucket, HistoryQuestion } from '../domain/history.ts'
import { nextTurn } from '../turns/in-turns.ts'
import { blockMs } from './history-block.ts'
import type { Tables } from './tables.ts'

/** What the samples of one bucket within one window come to. */
interface Part {
  readonly n: number
  readonly lowest: number
  readonly highest: number
  readonly total: number
  readonly samples: number
  readonly last: number
}

/** As many samples as are read one by one in about a millisecond. */
const samplesPerWindow = 2000
/** As many rows as blocks of few samples can be in a window. */
const maxSamplesPerWindow = 6000

/** A bound number is a floating one to SQLite, and would divide like one. */
const whole = (value: number) => sql`cast(${value} as bigint)`

/** The buckets of a question that hold samples, read window by window, between which the event loop goes round. */
export async function readBuckets(
  db: Kysely<Tables>,
  seriesId: number,
  question: HistoryQuestion,
): Promise<HistoryBucket[]> {
  const parts = new Map<number, Part>()
  for (let fromMs = question.fromMs; fromMs < question.toMs; ) {
    const toMs = await windowEnd(db, seriesId, fromMs, question)
    for (const part of await readWindow(db, seriesId, question, fromMs, toMs)) {
      const before = parts.get(part.n)
      parts.set(part.n, before ? joined(before, part) : part)
    }
    fromMs = toMs
    await nextTurn()
  }
  return [...parts.values()].map(({ n, lowest, highest, total, samples, last }) => ({
    startMs: question.fromMs + n * question.bucketMs,
    min: lowest,
    max: highest,
    avg: total / samples,
    last,
  }))
}

const joined = (a: Part, b: Part): Part => ({
  n: a.n,
  lowest: Math.min(a.lowest, b.lowest),
  highest: Math.max(a.highest, b.highest),
  total: a.total + b.total,
  samples: a.samples + b.samples,
  last: b.last,
})

/** Where so many samples lie behind `fromMs` as are read at once: more of them when most are read by the block. */
async function windowEnd(
  db: Kysely<Tables>,
  seriesId: number,
  fromMs: number,
  { toMs, bucketMs }: HistoryQuestion,
): Promise<number> {
  const samples = Math.round(samplesPerWindow * Math.max(1, bucketMs / blockMs))
  const beyond = await db
    .selectFrom('history_sample')
    .select('at_ms')
    .where('series_id', '=', seriesId)
    .where('at_ms', '>=', fromMs)
    .orderBy('at_ms')
    .limit(1)
    .offset(Math.min(samples, maxSamplesPerWindow))
    .executeTakeFirst()
  return Math.min(beyond?.at_ms ?? toMs, toMs)
}

/**
 * Whole blocks where a bucket holds them, single samples at its two ends: a bucket from `starts` to `ends` holds the blocks from
 * `first_block` up to, not including, `end_block`. What lies outside of the window is no bucket's.
 */
async function readWindow(
  db: Kysely<Tables>,
  seriesId: number,
  { fromMs, bucketMs }: HistoryQuestion,
  windowFromMs: number,
  windowToMs: number,
): Promise<Part[]> {
  const numberOf = (atMs: number) => Math.floor((atMs - fromMs) / bucketMs)
  const [first, last] = [numberOf(windowFromMs), numberOf(windowToMs - 1)]
  const startOf = (n: ReturnType<typeof sql>) => sql`${whole(fromMs)} + ${n} * ${whole(bucketMs)}`
  const block = whole(blockMs)
  const { rows } = await sql<Part>`
    with recursive number (n) as (select ${whole(first)} union all select n + 1 from number where n < ${last}),
    bucket as (
      select n,
        case when n = ${first} then ${whole(windowFromMs)} else ${startOf(sql`n`)} end as starts,
        case when n = ${last} then ${whole(windowToMs)} else ${startOf(sql`(n + 1)`)} end as ends
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
    select n, min(lowest) as lowest, max(highest) as highest, sum(total) as total, sum(samples) as samples,
      (select value from history_sample where series_id = ${seriesId} and at_ms < ends order by at_ms desc limit 1) as last
    from part group by n, ends order by n`.execute(db)
  return rows
}
