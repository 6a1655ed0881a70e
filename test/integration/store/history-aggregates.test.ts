import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { HistoryBounds, HistoryStore, Sample } from '../../../src/domain/history.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPopulatedStore, openTempStore, tempFile } from './open-temp-store.ts'
import { undoMigrations } from './undo-migrations.ts'

const meter = { deviceId: 'lamp', property: 'energy' }
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A midnight of UTC. */
const startMs = 19_000 * dayMs
const at = (atMs: number, value: number): Sample => ({ ...meter, atMs, value })
const keepEverything: HistoryBounds = { beforeMs: 0, aggregatesBeforeMs: 0, maxRows: 1e9 }

async function pruneAll(history: HistoryStore, bounds: Partial<HistoryBounds>, atMost = 50) {
  while (await history.prune('lamp', { ...keepEverything, ...bounds }, atMost));
}

/** What a counter went on within a range, reading by reading. */
function risen(samples: readonly Sample[], fromMs: number, toMs: number): number {
  let rise = 0
  samples.forEach(({ atMs, value }, index) => {
    const before = samples[index - 1]?.value
    if (before === undefined || atMs < fromMs || atMs >= toMs) return
    if (value >= before) rise += value - before
    else if (value < before * 0.9) rise += value
  })
  return rise
}

const expected = (samples: readonly Sample[], fromMs: number, toMs: number, bucketMs: number) =>
  Array.from({ length: Math.ceil((toMs - fromMs) / bucketMs) }, (_, n) => fromMs + n * bucketMs).flatMap(start => {
    const end = Math.min(start + bucketMs, toMs)
    const values = samples.filter(({ atMs }) => atMs >= start && atMs < end).map(({ value }) => value)
    if (values.length === 0) return []
    const avg = values.reduce((sum, value) => sum + value, 0) / values.length
    return [{ startMs: start, min: Math.min(...values), max: Math.max(...values), avg, last: values.at(-1) }]
  })

/** Readings that are whole, so that sums are exact, minutes to hours apart, over some days. */
const readings = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 * hourMs }), fc.integer({ min: 0, max: 1000 })), {
    minLength: 1,
    maxLength: 60,
  })
  .map(steps => {
    let atMs = startMs + 123_456
    return steps.map(([afterMs, value]) => {
      atMs += afterMs
      return at(atMs, value)
    })
  })

test('hours and days answer for samples that are deleted: buckets of whole hours stay what they were, and so does what was used', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      readings,
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 72 }),
      fc.integer({ min: 1, max: 60 }),
      async (samples, prunedHours, fromHours, bucketHours) => {
        const { history, close } = await openPopulatedStore()
        await history.record(samples)
        await pruneAll(history, { beforeMs: startMs + prunedHours * hourMs })
        const fromMs = startMs + fromHours * hourMs
        const toMs = startMs + 15 * dayMs
        const bucketMs = bucketHours * hourMs
        const { before, buckets } = await history.read({ ...meter, fromMs, toMs, bucketMs })
        expect(buckets).toEqual(expected(samples, fromMs, toMs, bucketMs))
        expect(before).toBe(samples.filter(({ atMs }) => atMs < fromMs).at(-1)?.value)
        const edgesMs = [fromMs, fromMs + bucketMs, fromMs + 3 * bucketMs, toMs + 40 * dayMs]
        const used = edgesMs.slice(1).map((edge, index) => risen(samples, edgesMs[index] ?? 0, edge))
        expect(await history.rises({ ...meter, edgesMs })).toEqual(used)
        await close()
      },
    ),
    { numRuns: 40 },
  )
})

test('as far as there are samples any edge is exact', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      readings,
      fc.array(fc.integer({ min: 0, max: 12 * dayMs }), { minLength: 2, maxLength: 6 }),
      async (samples, offsets) => {
        const { history, close } = await openPopulatedStore()
        await history.record(samples)
        const edgesMs = [...new Set(offsets)].sort((a, b) => a - b).map(offset => startMs + offset)
        const used = edgesMs.slice(1).map((edge, index) => risen(samples, edgesMs[index] ?? 0, edge))
        expect(await history.rises({ ...meter, edgesMs })).toEqual(used)
        await close()
      },
    ),
    { numRuns: 40 },
  )
})

test('a counter that is reset uses nothing negative, and one that trembles uses nothing', async () => {
  const { history } = await openPopulatedStore()
  await history.record([at(startMs, 100), at(startMs + 1000, 101), at(startMs + 2000, 0), at(startMs + 3000, 0.5)])
  await history.record([at(startMs + dayMs, 2), at(startMs + dayMs + 1000, 1.99), at(startMs + dayMs + 2000, 2)])
  const edgesMs = [startMs, startMs + dayMs, startMs + 2 * dayMs]
  const [first = Number.NaN, second = Number.NaN] = await history.rises({ ...meter, edgesMs })
  expect(first).toBe(1.5)
  expect(second).toBeCloseTo(1.51)
})

test('what is used is told by the midnights of the asker, those of half an hour too', async () => {
  const { history } = await openPopulatedStore()
  const midnightOfKolkata = startMs + 18.5 * hourMs
  await history.record([
    at(startMs, 0),
    at(midnightOfKolkata - 60_000, 3),
    at(midnightOfKolkata + 60_000, 4),
    at(midnightOfKolkata + dayMs - 1, 9),
  ])
  const edgesMs = [midnightOfKolkata - dayMs, midnightOfKolkata, midnightOfKolkata + dayMs]
  expect(await history.rises({ ...meter, edgesMs })).toEqual([3, 6])
})

test('where samples are deleted an edge of half an hour is as good as the hour that it stands in, which is counted before it: once, and whole', async () => {
  const { history } = await openPopulatedStore()
  const midnightOfKolkata = startMs + 18.5 * hourMs
  await history.record([
    at(midnightOfKolkata - 2 * hourMs, 0),
    at(midnightOfKolkata - 60_000, 3),
    at(midnightOfKolkata + 60_000, 4),
    at(midnightOfKolkata + hourMs, 9),
  ])
  await pruneAll(history, { beforeMs: startMs + 10 * dayMs })
  const edgesMs = [midnightOfKolkata - dayMs, midnightOfKolkata, midnightOfKolkata + dayMs]
  expect(await history.rises({ ...meter, edgesMs })).toEqual([4, 5])
})

test('hours and days are deleted when they are old, a bounded number at a time', async () => {
  const file = tempFile()
  const { history } = await openPopulatedStore(file)
  await history.record(Array.from({ length: 20 * 24 }, (_, n) => at(startMs + n * hourMs, n)))
  const sqlite = new Database(file, { readonly: true })
  onTestFinished(() => void sqlite.close())
  const hours = sqlite.prepare<unknown[], number>('select count(*) from history_hour').pluck()
  const days = sqlite.prepare<unknown[], number>('select count(*) from history_day').pluck()
  const bounds = { ...keepEverything, beforeMs: startMs + 10 * dayMs, aggregatesBeforeMs: startMs + 10 * dayMs }
  await pruneAll(history, { beforeMs: bounds.beforeMs })
  let before = hours.get() ?? 0
  while (await history.prune('lamp', bounds, 50)) {
    expect(before - (hours.get() ?? 0)).toBeLessThanOrEqual(50)
    before = hours.get() ?? 0
  }
  expect([hours.get(), days.get()]).toEqual([240, 10])
  const question = { ...meter, fromMs: startMs, toMs: startMs + 20 * dayMs, bucketMs: 20 * dayMs }
  expect((await history.read(question)).buckets).toMatchObject([{ min: 240, max: 479, last: 479 }])
})

test('days are listed in pages, in order, and none twice', async () => {
  const { history } = await openPopulatedStore()
  for (const property of ['energy', 'power'])
    await history.record(Array.from({ length: 30 }, (_, n) => ({ ...at(startMs + n * 8 * hourMs, n), property })))
  const found: string[] = []
  for (let after = { property: '', dayMs: 0 }; ; ) {
    const page = await history.days('lamp', after, 7)
    for (const { property, dayMs: atMs } of page) found.push(`${property} ${(atMs - startMs) / dayMs}`)
    const last = page.at(-1)
    if (!last) break
    after = last
  }
  expect(found).toEqual(['energy', 'power'].flatMap(name => Array.from({ length: 10 }, (_, n) => `${name} ${n}`)))
  const [first] = await history.days('lamp', { property: '', dayMs: 0 }, 1)
  expect(first).toEqual({ property: 'energy', dayMs: startMs, min: 0, max: 2, avg: 1, rise: 2 })
})

test('what a version without hours and days kept is brought into them in portions, with every answer as exact meanwhile, also beside what is new', async () => {
  const file = tempFile()
  const earlier = await openPopulatedStore(file)
  const old = Array.from({ length: 300 }, (_, n) => at(startMs + n * 900_000, (n * 7) % 500))
  await earlier.history.record(old)
  await earlier.close()
  undoMigrations(file, '0012-history-aggregates')

  const { history } = await openTempStore({ file })
  const samples = [...old]
  const bounds = { ...keepEverything, beforeMs: startMs + 2 * dayMs }
  const [fromMs, toMs, bucketMs] = [startMs, startMs + 5 * dayMs, 6 * hourMs]
  const edgesMs = [startMs, startMs + dayMs, startMs + 3 * dayMs, startMs + 6 * dayMs]
  for (let portions = 0; ; portions++) {
    expect((await history.read({ ...meter, fromMs, toMs, bucketMs })).buckets).toEqual(
      expected(samples, fromMs, toMs, bucketMs),
    )
    const used = edgesMs.slice(1).map((edge, index) => risen(samples, edgesMs[index] ?? 0, edge))
    expect(await history.rises({ ...meter, edgesMs })).toEqual(used)
    if (!(await history.prune('lamp', bounds, 40))) {
      expect(portions).toBeGreaterThan(8)
      break
    }
    // One within what is not brought in yet or just was, which reads what was read before it, and one that is new.
    const late = at(startMs + (portions * 20 + 1) * 900_000 + 5, old[portions * 20 + 1]?.value ?? 0)
    const fresh = at(startMs + 4 * dayMs + portions * 1000, 1000 + portions)
    await history.record([late, fresh])
    samples.push(late, fresh)
    samples.sort((a, b) => a.atMs - b.atMs)
  }
})
