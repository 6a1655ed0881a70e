import { expect, onTestFinished, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPopulatedStore, tempFile } from './open-temp-store.ts'

const samples = 100_000
const fromMs = 1_700_000_000_000
const toMs = fromMs + samples * 1000

/** A store with a day and more of samples a second apart, which an earlier version kept: no hour and no day answers for them. */
async function openFullStore() {
  const file = tempFile()
  const store = await openPopulatedStore(file)
  const sqlite = new Database(file)
  sqlite.exec(`
    insert into history_series (id, device_id, property, unfolded_from_ms, unfolded_to_ms) values (1, 'lamp', 'energy', 0, ${toMs});
    insert into history_sample (series_id, at_ms, value)
      with recursive n (i) as (select 0 union all select i + 1 from n where i < ${samples - 1}) select 1, ${fromMs} + i * 1000, i from n`)
  sqlite.close()
  return store
}

/** How often the event loop went round while `work` was done. */
async function turnsOf<T>(work: () => Promise<T>): Promise<{ turns: number; result: T }> {
  let turns = 0
  let isOver = false
  onTestFinished(() => {
    isOver = true
  })
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const result = await work()
  isOver = true
  return { turns, result }
}

test.each([
  {
    what: 'a chart of 100,000 samples in 500 buckets',
    read: async (store: Awaited<ReturnType<typeof openFullStore>>) => {
      const asked = { deviceId: 'lamp', property: 'energy', fromMs: fromMs + 1, toMs: toMs + 1, bucketMs: 200_000 }
      return (await store.history.read(asked)).buckets.length
    },
    expected: 500,
  },
  {
    what: 'what 100,000 samples of a counter come to',
    read: async (store: Awaited<ReturnType<typeof openFullStore>>) => {
      const [used] = await store.history.rises({ deviceId: 'lamp', property: 'energy', edgesMs: [fromMs + 1, toMs] })
      return used
    },
    expected: samples - 1,
  },
])('while $what is read, messages go on every few milliseconds', async ({ read, expected }) => {
  const store = await openFullStore()
  const { turns, result } = await turnsOf(() => read(store))
  expect(result).toBe(expected)
  // A turn is five milliseconds at most, and either takes five times as long on the fastest machine there is.
  expect(turns).toBeGreaterThan(3)
})
