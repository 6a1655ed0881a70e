import type { Database } from '../../sqlite/sqlite.ts'
import { dayMs, hourMs } from './levels.ts'
import { riseBetween } from './rise-between.ts'

/** A sample of a known series. */
interface Reading {
  readonly atMs: number
  readonly value: number
}

/** Keeps the hourly and daily figures of a series. Synchronous; called within a transaction. */
export interface HistoryAggregates {
  /** Adds samples that stand in `history_sample`, in the order of time. */
  add(seriesId: number, samples: readonly Reading[]): void
}

interface Total {
  samples: number
  total: number
  lowest: number
  highest: number
  rise: number
  last: Reading
}

const sampleBefore = 'select value from history_sample where series_id = ? and at_ms < ? order by at_ms desc limit 1'
const hourBefore = `
  select last from history_hour where series_id = ? and hour <= ? and last_at_ms < ? order by hour desc limit 1`
const common = `
    samples = samples + excluded.samples,
    total = total + excluded.total,
    lowest = min(lowest, excluded.lowest),
    highest = max(highest, excluded.highest),
    rise = rise + excluded.rise`
const addToHour = `
  insert into history_hour (series_id, hour, samples, total, lowest, highest, rise, last, last_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (series_id, hour) do update set ${common},
    last = case when excluded.last_at_ms > last_at_ms then excluded.last else last end,
    last_at_ms = max(last_at_ms, excluded.last_at_ms)`
const addToDay = `
  insert into history_day (series_id, day, samples, total, lowest, highest, rise) values (?, ?, ?, ?, ?, ?, ?)
  on conflict (series_id, day) do update set ${common}`

export function createHistoryAggregates(sqlite: Database): HistoryAggregates {
  const valueBefore = createValueBefore(sqlite)
  const hour = sqlite.prepare(addToHour)
  const day = sqlite.prepare(addToDay)

  return {
    add(seriesId, samples) {
      const [first] = samples
      if (!first) return
      const rises: number[] = []
      let before = valueBefore(seriesId, first.atMs)
      for (const { value } of samples) {
        rises.push(riseBetween(before, value))
        before = value
      }
      for (const [number, sum] of totals(samples, rises, hourMs)) {
        const { samples: count, total, lowest, highest, rise, last } = sum
        hour.run(seriesId, number, count, total, lowest, highest, rise, last.value, last.atMs)
      }
      for (const [number, { samples: count, total, lowest, highest, rise }] of totals(samples, rises, dayMs))
        day.run(seriesId, number, count, total, lowest, highest, rise)
    },
  }
}

/** The last value of a series before a moment: that of the last sample, or of the last hour when samples are deleted. */
export function createValueBefore(sqlite: Database): (seriesId: number, atMs: number) => number | undefined {
  const ofSamples = sqlite.prepare<unknown[], number>(sampleBefore).pluck()
  const ofHours = sqlite.prepare<unknown[], number>(hourBefore).pluck()
  return (seriesId, atMs) => ofSamples.get(seriesId, atMs) ?? ofHours.get(seriesId, Math.floor(atMs / hourMs), atMs)
}

function totals(samples: readonly Reading[], rises: readonly number[], length: number): Map<number, Total> {
  const found = new Map<number, Total>()
  samples.forEach((sample, index) => {
    const number = Math.floor(sample.atMs / length)
    const { value } = sample
    const rise = rises[index] ?? 0
    const sum = found.get(number)
    if (!sum) {
      found.set(number, { samples: 1, total: value, lowest: value, highest: value, rise, last: sample })
      return
    }
    sum.samples++
    sum.total += value
    sum.lowest = Math.min(sum.lowest, value)
    sum.highest = Math.max(sum.highest, value)
    sum.rise += rise
    sum.last = sample
  })
  return found
}
