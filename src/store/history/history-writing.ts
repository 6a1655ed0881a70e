import type { Kysely } from 'kysely'
import type { HistoryStore, Sample } from '../../domain/history.ts'
import type { Database } from '../../sqlite/sqlite.ts'
import type { Tables } from '../tables.ts'
import { createHistoryAggregates } from './history-aggregates.ts'
import { blockMs } from './levels.ts'

interface Series {
  readonly id: number
  readonly fromMs: number | null
  readonly toMs: number | null
}

const findSeries = `
  select history_series.id, unfolded_from_ms as fromMs, unfolded_to_ms as toMs
  from history_series join device on device.id = history_series.device_id
  where device_id = ? and property = ? and history_from_ms < ?`
const insertSeries = `
  insert into history_series (id, device_id, property)
  select (select coalesce(max(id), 0) + 1 from history_series), device.id, ? from device
  where device.id = ? and history_from_ms < ?
  on conflict do nothing`
const insertSample = 'insert into history_sample (series_id, at_ms, value) values (?, ?, ?) on conflict do nothing'
const addToBlock = `
  insert into history_block (series_id, block, samples, total, lowest, highest) values (?, ?, 1, ?, ?, ?)
  on conflict (series_id, block) do update set
    samples = history_block.samples + 1,
    total = history_block.total + excluded.total,
    lowest = case when excluded.lowest < history_block.lowest then excluded.lowest else history_block.lowest end,
    highest = case when excluded.highest > history_block.highest then excluded.highest else history_block.highest end`

/**
 * The part of {@link HistoryStore} that writes. A thousand samples come at once, so the statements are run without Kysely, but within one of its
 * transactions.
 */
export function createHistoryWriting(db: Kysely<Tables>, sqlite: Database): Pick<HistoryStore, 'record'> {
  const find = sqlite.prepare<unknown[], Series>(findSeries)
  const makeSeries = sqlite.prepare(insertSeries)
  const insert = sqlite.prepare(insertSample)
  const add = sqlite.prepare(addToBlock)
  const aggregates = createHistoryAggregates(sqlite)

  function write({ deviceId, property, atMs, value }: Sample): void {
    const known = () => find.get(deviceId, property, atMs)
    const series = known() ?? (makeSeries.run(property, deviceId, atMs).changes > 0 ? known() : undefined)
    if (series === undefined || insert.run(series.id, atMs, value).changes === 0) return
    add.run(series.id, Math.floor(atMs / blockMs), value, value, value)
    if (!isUnfolded(series, atMs)) aggregates.add(series.id, [{ atMs, value }])
  }

  return {
    async record(samples) {
      if (samples.length === 0) return
      await db.transaction().execute(async () => {
        for (const sample of samples) write(sample)
      })
    },
  }
}

/** A sample without a rise of its own: the rise is counted with its neighbours. */
const isUnfolded = ({ fromMs, toMs }: Series, atMs: number) =>
  fromMs !== null && toMs !== null && atMs >= fromMs && atMs <= toMs
