import type { HistoryBucket, HistoryStore } from '../../domain/history.ts'
import type { Database } from '../../sqlite/sqlite.ts'
import { nextTurn, turnMs } from '../../turns/in-turns.ts'
import { createValueBefore } from './history-aggregates.ts'
import { hourMs, type Level, type Span, spansOf } from './levels.ts'
import { riseBetween } from './rise-between.ts'

/** Runs reads while no transaction is under way, and retries them after a pause when another process is in the way. */
export type Reading = <T>(work: () => T) => Promise<T>

interface Series {
  readonly id: number
  readonly prunedBeforeMs: number
  readonly isUnfolded: number
}

/** The figures of some rows; all null when there are none. */
interface Sum {
  readonly samples: number
  readonly total: number | null
  readonly lowest: number | null
  readonly highest: number | null
}

interface Total {
  readonly samples: number
  readonly total: number
  readonly lowest: number
  readonly highest: number
}

/** The number of rows that take about a millisecond to read. */
const rowsAtOnce = 2000

const findSeries = `
  select id, pruned_before_ms as prunedBeforeMs, unfolded_from_ms is not null as isUnfolded from history_series
  where device_id = ? and property = ?`
const extent = `
  select min(first) as first, max(last) as last from (
    select min(at_ms) as first, null as last from history_sample where series_id = $id
    union all select null, max(at_ms) from history_sample where series_id = $id
    union all select min(hour) * ${hourMs}, null from history_hour where series_id = $id
    union all select null, max(last_at_ms) from history_hour where series_id = $id
      and hour = (select max(hour) from history_hour where series_id = $id))`
const sumOf = (level: Exclude<Level, 'sample'>) => `
  select total(samples) as samples, sum(total) as total, min(lowest) as lowest, max(highest) as highest from history_${level}
  where series_id = ? and ${level} >= ? and ${level} < ?`
const sumOfSamples = `
  select count(*) as samples, sum(value) as total, min(value) as lowest, max(value) as highest from history_sample
  where series_id = ? and at_ms >= ? and at_ms < ?`
const riseOf = (level: 'day' | 'hour') =>
  `select total(rise) from history_${level} where series_id = ? and ${level} >= ? and ${level} < ?`
const pageOfSamples = `
  select at_ms as atMs, value from history_sample where series_id = ? and at_ms >= ? and at_ms < ? order by at_ms limit ${rowsAtOnce}`
const lastSample = `
  select value from history_sample where series_id = ? and at_ms >= ? and at_ms < ? order by at_ms desc limit 1`
const lastHour = 'select last from history_hour where series_id = ? and hour < ? order by hour desc limit 1'

/** The part of {@link HistoryStore} that reads. It yields to the event loop every few milliseconds, however long the range. */
export function createHistoryReading(sqlite: Database, reading: Reading): Pick<HistoryStore, 'read' | 'rises'> {
  const seriesOf = sqlite.prepare<unknown[], Series>(findSeries)
  const extentOf = sqlite.prepare<unknown[], { first: number | null; last: number | null }>(extent)
  const sums = {
    day: sqlite.prepare<unknown[], Sum>(sumOf('day')),
    hour: sqlite.prepare<unknown[], Sum>(sumOf('hour')),
    block: sqlite.prepare<unknown[], Sum>(sumOf('block')),
    sample: sqlite.prepare<unknown[], Sum>(sumOfSamples),
  }
  const rises = {
    day: sqlite.prepare<unknown[], number>(riseOf('day')).pluck(),
    hour: sqlite.prepare<unknown[], number>(riseOf('hour')).pluck(),
  }
  const samples = sqlite.prepare<unknown[], { atMs: number; value: number }>(pageOfSamples)
  const lastOfSamples = sqlite.prepare<unknown[], number>(lastSample).pluck()
  const lastOfHours = sqlite.prepare<unknown[], number>(lastHour).pluck()
  const valueBefore = createValueBefore(sqlite)

  /** Reads now, or in the next turn of the event loop when this one was long enough. */
  function createPaced(): Reading {
    let endsAtMs = performance.now() + turnMs
    return async work => {
      if (performance.now() > endsAtMs) {
        await nextTurn()
        endsAtMs = performance.now() + turnMs
      }
      return reading(work)
    }
  }

  async function totalOf(series: Series, spans: Iterable<Span>, paced: Reading): Promise<Total | undefined> {
    let sum: Total | undefined
    for (const { level, first, end } of spans) {
      const step = level === 'sample' ? end - first : rowsAtOnce
      for (let at = first; at < end; at += step)
        sum = joined(sum, await paced(() => sums[level].get(series.id, at, Math.min(at + step, end))))
    }
    return sum
  }

  async function riseOfSamples(series: Series, first: number, end: number, paced: Reading): Promise<number> {
    let rise = 0
    let before = await paced(() => valueBefore(series.id, first))
    for (let fromMs = first; ; ) {
      const page = await paced(() => samples.all(series.id, fromMs, end))
      for (const { atMs, value } of page) {
        rise += riseBetween(before, value)
        before = value
        fromMs = atMs + 1
      }
      if (page.length < rowsAtOnce) return rise
    }
  }

  async function riseIn(series: Series, spans: Iterable<Span>, paced: Reading): Promise<number> {
    let rise = 0
    for (const { level, first, end } of spans) {
      if (level === 'sample') rise += await riseOfSamples(series, first, end, paced)
      else if (level !== 'block')
        for (let at = first; at < end; at += rowsAtOnce)
          rise += (await paced(() => rises[level].get(series.id, at, Math.min(at + rowsAtOnce, end)))) ?? 0
    }
    return rise
  }

  const knownSeries = (deviceId: string, property: string, paced: Reading) =>
    paced(() => {
      const series = seriesOf.get(deviceId, property)
      const { first, last } = (series && extentOf.get({ id: series.id })) ?? {}
      return series && typeof first === 'number' && typeof last === 'number'
        ? { series, firstMs: first, endMs: last + 1 }
        : undefined
    })

  return {
    async read({ deviceId, property, fromMs, toMs, bucketMs }) {
      const paced = createPaced()
      const known = await knownSeries(deviceId, property, paced)
      if (!known) return { buckets: [] }
      const { series, firstMs, endMs } = known
      const before = await paced(() => valueBefore(series.id, fromMs))
      const buckets: HistoryBucket[] = []
      const untilMs = Math.min(toMs, endMs)
      for (let n = Math.max(0, Math.floor((firstMs - fromMs) / bucketMs)); fromMs + n * bucketMs < untilMs; n++) {
        const startMs = fromMs + n * bucketMs
        const cut = { fromMs: Math.max(startMs, firstMs), toMs: Math.min(startMs + bucketMs, untilMs) }
        const sum = await totalOf(series, kept(series, cut, chartLevels), paced)
        if (!sum) continue
        const last = await paced(
          () =>
            lastOfSamples.get(series.id, cut.fromMs, cut.toMs) ??
            lastOfHours.get(series.id, Math.ceil(cut.toMs / hourMs)) ??
            sum.highest,
        )
        buckets.push({ startMs, min: sum.lowest, max: sum.highest, avg: sum.total / sum.samples, last })
      }
      return { ...(before !== undefined && { before }), buckets }
    },

    async rises({ deviceId, property, edgesMs }) {
      const paced = createPaced()
      const known = await knownSeries(deviceId, property, paced)
      const found: number[] = []
      for (const [index, edgeMs] of edgesMs.slice(0, -1).entries()) {
        if (!known) {
          found.push(0)
          continue
        }
        const { series, firstMs, endMs } = known
        const cut = { fromMs: Math.max(edgeMs, firstMs), toMs: Math.min(edgesMs[index + 1] ?? edgeMs, endMs) }
        found.push(await riseIn(series, kept(series, cut, counterLevels), paced))
      }
      return found
    },
  }
}

const chartLevels = ['day', 'hour', 'block', 'sample'] as const
const counterLevels = ['day', 'hour', 'sample'] as const

/** Where the rows of a range are: hours are the finest there are of what was deleted, and hold nothing yet of what an earlier version kept. */
function* kept(
  { prunedBeforeMs, isUnfolded }: Series,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  levels: readonly Level[],
): Generator<Span> {
  const exact = isUnfolded ? levels.filter(level => level !== 'day' && level !== 'hour') : levels
  const exactFromMs = Math.ceil(prunedBeforeMs / hourMs) * hourMs
  yield* spansOf(fromMs, Math.min(toMs, exactFromMs), ['day', 'hour'])
  yield* spansOf(Math.max(fromMs, exactFromMs), toMs, exact)
}

function joined(sum: Total | undefined, part: Sum | undefined): Total | undefined {
  if (!part || part.total === null || part.lowest === null || part.highest === null) return sum
  const { samples, total, lowest, highest } = part
  if (!sum) return { samples, total, lowest, highest }
  return {
    samples: sum.samples + samples,
    total: sum.total + total,
    lowest: Math.min(sum.lowest, lowest),
    highest: Math.max(sum.highest, highest),
  }
}
