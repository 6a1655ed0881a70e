import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createEvents } from '../../../../src/domain/events.ts'
import type { Sample } from '../../../../src/domain/history.ts'
import { createHistoryWriter } from '../../../../src/registry/history/history-writer.ts'
import { createHandTurnedScheduler } from '../hand-turned-scheduler.ts'

const sample = (value: number, deviceId = 'lamp1'): Sample => ({ deviceId, property: 'on', atMs: value, value })

function setUp(maxWaiting?: number) {
  const scheduler = createHandTurnedScheduler()
  const events = createEvents()
  const faults: string[] = []
  events.on('fault', ({ cause }) => faults.push(cause instanceof Error ? cause.message : String(cause)))
  const clock = { ms: 0 }
  const store = { batches: [] as number[][], broken: false }
  const writer = createHistoryWriter({
    store: {
      async record(samples) {
        if (store.broken) throw new Error('database is locked')
        store.batches.push(samples.map(({ value }) => value))
      },
    },
    events,
    now: () => clock.ms,
    scheduler,
    ...(maxWaiting !== undefined && { maxWaiting }),
  })
  const second = async () => {
    clock.ms += 1000
    scheduler.fire()
    do await turn()
    while (scheduler.turn())
  }
  return { scheduler, faults, clock, store, writer, second }
}

test('what came within a second is written together, and nothing is written before', async () => {
  const { writer, store, second, scheduler } = setUp()
  for (const value of [1, 2, 3]) writer.add(sample(value))
  await turn()
  expect(store.batches).toEqual([])
  await second()
  expect(store.batches).toEqual([[1, 2, 3]])
  await second()
  expect(store.batches).toHaveLength(1)
  expect(scheduler.delaysMs).toEqual([1000])
})

test('many samples are written some at a time, with the event loop going round between: more when that is quick, fewer when it is slow, never above a hundred', async () => {
  const { writer, store, scheduler } = setUp()
  for (let i = 0; i < 250; i++) writer.add(sample(i))
  scheduler.fire()
  await turn()
  expect(store.batches.map(batch => batch.length)).toEqual([20])
  for (let turns = 0; turns < 9; turns++) {
    scheduler.turn()
    await turn()
  }
  const sizes = store.batches.map(batch => batch.length)
  expect(sizes.length).toBeGreaterThan(3)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
  expect(store.batches.flat()).toEqual(Array.from({ length: 250 }, (_, i) => i))
})

test('while the store fails the newest are kept, in order; how many were lost is announced once a minute', async () => {
  const { writer, store, second, faults } = setUp(100)
  store.broken = true
  for (let i = 0; i < 101; i++) writer.add(sample(i))
  for (let i = 0; i < 59; i++) await second()
  expect(faults).toEqual(['history cannot be written: 11 samples were lost, 90 wait'])
  for (let i = 101; i < 112; i++) writer.add(sample(i))
  for (let i = 0; i < 2; i++) await second()
  expect(faults).toHaveLength(2)
  store.broken = false
  await second()
  expect(store.batches.flat()).toEqual(Array.from({ length: 90 }, (_, i) => 22 + i))
})

test('what waits of one device is forgotten on demand', async () => {
  const { writer, store, second } = setUp()
  writer.add(sample(1))
  writer.add(sample(2, 'lamp2'))
  writer.drop('lamp1')
  await second()
  expect(store.batches).toEqual([[2]])
})

test('closing writes everything, and says what it could not', async () => {
  const { writer, store, faults, scheduler } = setUp()
  for (let i = 0; i < 250; i++) writer.add(sample(i))
  await writer.close()
  expect(store.batches.flat()).toHaveLength(250)
  expect(scheduler.turn()).toBe(false)

  const broken = setUp()
  broken.store.broken = true
  broken.writer.add(sample(1))
  await broken.writer.close()
  expect(broken.faults).toEqual(['history cannot be written: 1 samples were lost, 0 wait'])
  expect(faults).toEqual([])
})
