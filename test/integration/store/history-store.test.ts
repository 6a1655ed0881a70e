import { expect, onTestFinished, test } from 'vitest'
import type { HistoryBucket, HistoryQuestion, Sample } from '../../../src/domain/history.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPopulatedStore, openTempStore, tempFile } from './open-temp-store.ts'
import { device } from './records.ts'

const lamp = { deviceId: 'lamp', property: 'brightness' }
const at = (atMs: number, value = 1, more: Partial<Sample> = {}): Sample => ({ ...lamp, atMs, value, ...more })
const everything: HistoryQuestion = { ...lamp, fromMs: 0, toMs: 2_000_000_000_000, bucketMs: 2_000_000_000_000 }

/** What `read` must answer, sample by sample. */
function expected(samples: readonly Sample[], { fromMs, toMs, bucketMs }: HistoryQuestion) {
  const buckets: HistoryBucket[] = []
  for (let startMs = fromMs; startMs < toMs; startMs += bucketMs) {
    const values = samples
      .filter(({ atMs }) => atMs >= startMs && atMs < Math.min(startMs + bucketMs, toMs))
      .map(({ value }) => value)
    if (values.length === 0) continue
    const avg = values.reduce((sum, value) => sum + value, 0) / values.length
    buckets.push({ startMs, min: Math.min(...values), max: Math.max(...values), avg, last: values.at(-1) ?? 0 })
  }
  const before = samples.filter(({ atMs }) => atMs < fromMs).at(-1)?.value
  return { ...(before !== undefined && { before }), buckets }
}

test('buckets are what their samples come to, however they lie to the blocks that are kept', async () => {
  const { history } = await openPopulatedStore()
  // Dense and sparse stretches over three hours, values that are exact in binary.
  const samples = Array.from({ length: 600 }, (_, i) =>
    at(1_700_000_000_000 + i * 9973 + (i % 7) * 1000 + (i > 400 ? 5e6 : 0), (i * 37) % 101),
  )
  await history.record(samples)
  await history.record([at(1_700_000_000_000, 999, { property: 'other' })])
  const first = 1_700_000_000_000
  for (const [fromMs, toMs, points] of [
    [first, first + 12_000_000, 100],
    [first - 5_000_000, first + 20_000_000, 7],
    [first + 123_457, first + 3_000_001, 500],
    [first + 300_000, first + 900_000, 2],
    [first + 1, first + 2, 1],
    [first, first + 1, 500],
    [first + 100_000_000, first + 200_000_000, 10],
    [0, 8_640_000_000_000_000, 500],
  ] as const) {
    const question = { ...lamp, fromMs, toMs, bucketMs: Math.ceil((toMs - fromMs) / points) }
    expect(await history.read(question)).toEqual(expected(samples, question))
  }
})

test('a property that never had a sample has an empty history', async () => {
  const { history } = await openPopulatedStore()
  expect(await history.read(everything)).toEqual({ buckets: [] })
})

test('a device that does not exist is passed over, and so is a second sample of the same moment', async () => {
  const { history } = await openPopulatedStore()
  await history.record([at(5, 1, { deviceId: 'ghost' }), at(5, 2), at(5, 3)])
  expect(await history.recordedDevices('', 10)).toEqual(['lamp'])
  const question = { ...everything, toMs: 10, bucketMs: 10 }
  expect(await history.read(question)).toEqual({ buckets: [{ startMs: 0, min: 2, max: 2, avg: 2, last: 2 }] })
})

test('what is older than the retention is deleted, a bounded number at a time, and blocks follow', async () => {
  const file = tempFile()
  const { history } = await openPopulatedStore(file)
  const samples = Array.from({ length: 50 }, (_, i) => at(1_000_000 + i * 20_000, i))
  await history.record(samples)
  const sqlite = new Database(file, { readonly: true })
  onTestFinished(() => void sqlite.close())
  const kept = sqlite.prepare('select min(value), count(*), sum(value) from history_sample').raw()
  const blocks = sqlite.prepare('select min(lowest), sum(samples), sum(total) from history_block').raw()
  const bounds = { beforeMs: 1_410_000, aggregatesBeforeMs: 0, maxRows: 1000 }
  const left: unknown[] = []
  while (await history.prune('lamp', bounds, 8)) {
    expect(blocks.get()).toEqual(kept.get())
    left.push((kept.get() as number[])[1])
  }
  expect(left).toEqual([42, 34, 29])
})

test('when a device has too many samples the oldest are deleted, whatever their property', async () => {
  const file = tempFile()
  const { history, devices } = await openPopulatedStore(file)
  await devices.createDevice(device('plug'), { secretHash: 'x', claimHash: null })
  await history.record([
    ...[10, 20, 30, 40].map(time => at(time, time)),
    ...[15, 25, 35, 45].map(time => at(time, 1, { property: 'on' })),
    ...[1, 2, 3, 4].map(time => at(time, 1, { deviceId: 'plug' })),
  ])
  while (await history.prune('lamp', { beforeMs: 0, aggregatesBeforeMs: 0, maxRows: 5 }, 2));
  const sqlite = new Database(file, { readonly: true })
  onTestFinished(() => void sqlite.close())
  const timesOf = sqlite
    .prepare(
      'select at_ms from history_sample join history_series on id = series_id where device_id = ? and property = ? order by at_ms',
    )
    .pluck()
  expect(timesOf.all('lamp', 'brightness')).toEqual([30, 40])
  expect(timesOf.all('lamp', 'on')).toEqual([25, 35, 45])
  expect(timesOf.all('plug', 'brightness')).toHaveLength(4)
})

test('from the moment of release nothing of it is seen, then it is deleted little by little', async () => {
  const file = tempFile()
  const { history, devices } = await openPopulatedStore(file)
  await history.record(Array.from({ length: 10 }, (_, i) => at(1000 + i)))
  await history.record([at(1000, 1, { property: 'on' })])
  await devices.claim('lamp', 'ann')
  await devices.release('lamp', 'ann', 'Lamp')
  expect(await history.read(everything)).toEqual({ buckets: [] })
  expect(await history.recordedDevices('', 10)).toEqual([])

  const later = 1_700_000_000_001
  await history.record([at(later, 7)])
  const question = { ...lamp, fromMs: later - 10, toMs: later + 10, bucketMs: 100 }
  const ofTheNext = { buckets: [{ startMs: later - 10, min: 7, max: 7, avg: 7, last: 7 }] }
  expect(await history.read(question)).toEqual(ofTheNext)
  let steps = 0
  while (await history.pruneReleased(4)) steps++
  expect(steps).toBeGreaterThanOrEqual(4)
  expect(await history.read(question)).toEqual(ofTheNext)
  const sqlite = new Database(file, { readonly: true })
  onTestFinished(() => void sqlite.close())
  for (const table of ['history_series', 'history_sample', 'history_block', 'history_hour', 'history_day'])
    expect(sqlite.prepare(`select count(*) from ${table}`).pluck().get()).toBe(1)
})

test('samples from before the release that are written after it never appear, not even of a property that had none', async () => {
  const { history, devices } = await openPopulatedStore()
  await history.record([at(1000)])
  await devices.claim('lamp', 'ann')
  await devices.release('lamp', 'ann', 'Lamp') // at 1_700_000_000_000
  await history.record([at(1_699_999_999_999), at(1_700_000_000_000, 1, { property: 'on' })])
  expect(await history.recordedDevices('', 10)).toEqual([])
  expect(await history.read(everything)).toEqual({ buckets: [] })
})

test('while another process holds the write lock, writing and deleting wait without holding anybody up and reading goes on', async () => {
  const file = tempFile()
  const { history } = await openPopulatedStore(file)
  await history.record([at(1000)])
  const other = new Database(file)
  onTestFinished(() => void other.close())
  other.exec('begin immediate')
  const startedAt = performance.now()
  const waiting = [
    history.record([at(2000)]),
    history.prune('lamp', { beforeMs: 500, aggregatesBeforeMs: 0, maxRows: 10 }, 10),
    history.pruneReleased(10),
  ]
  const question = { ...everything, toMs: 5000, bucketMs: 100 }
  expect((await history.read(question)).buckets).toHaveLength(1)
  expect(performance.now() - startedAt).toBeLessThan(2500)
  other.exec('rollback')
  expect(await Promise.all(waiting)).toEqual([undefined, false, false])
  expect((await history.read(question)).buckets).toHaveLength(2)
})

test('history outlives a restart', async () => {
  const file = tempFile()
  const first = await openPopulatedStore(file)
  await first.history.record([at(1000, 3)])
  await first.close()
  const second = await openTempStore({ file })
  await second.history.record([at(2000, 4)])
  const question = { ...everything, fromMs: 1500, toMs: 3000, bucketMs: 1500 }
  expect(await second.history.read(question)).toEqual({
    before: 3,
    buckets: [{ startMs: 1500, min: 4, max: 4, avg: 4, last: 4 }],
  })
})
