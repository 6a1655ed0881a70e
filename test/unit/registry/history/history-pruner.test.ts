import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createEvents } from '../../../../src/domain/events.ts'
import { startHistoryPruner } from '../../../../src/registry/history/history-pruner.ts'
import { createHandTurnedScheduler } from '../hand-turned-scheduler.ts'

function setUp() {
  const scheduler = createHandTurnedScheduler()
  const events = createEvents()
  const faults: string[] = []
  events.on('fault', ({ where }) => faults.push(where))
  const done: string[] = []
  const left = new Map([['lamp2', 2]])
  const store = { broken: false }
  const pruner = startHistoryPruner({
    store: {
      recordedDevices: async () => ['lamp1', 'lamp2'],
      async prune(deviceId, { beforeMs, aggregatesBeforeMs, maxRows }) {
        if (store.broken) throw new Error('database is locked')
        done.push(`${deviceId} before ${beforeMs} and ${aggregatesBeforeMs} beyond ${maxRows}`)
        const more = left.get(deviceId) ?? 0
        left.set(deviceId, more - 1)
        return more > 0
      },
      async pruneReleased() {
        done.push('released')
        return done.length === 1
      },
    },
    retentionMs: 1000,
    aggregatesMs: 3000,
    rowsPerDevice: 7,
    events,
    now: () => 5000,
    scheduler,
  })
  const fire = async () => {
    scheduler.fire()
    await turn()
  }
  return { scheduler, faults, done, store, pruner, fire }
}

test('a pass deletes what was released, then goes through every device until it is within bounds, with a pause before each step', async () => {
  const { fire, done, scheduler } = setUp()
  for (let i = 0; i < 30 && scheduler.delaysMs.length < 9; i++) await fire()
  const lamp = (id: string) => `${id} before 4000 and 2000 beyond 7`
  expect(done).toEqual(['released', 'released', ...['lamp1', 'lamp2', 'lamp2', 'lamp2'].map(lamp)])
  expect(scheduler.delaysMs).toEqual([10_000, 200, 200, 200, 200, 200, 200, 200, 600_000])
})

test('a fault ends the pass and is announced; the next pass comes all the same', async () => {
  const { fire, faults, store, scheduler, done } = setUp()
  store.broken = true
  for (let i = 0; i < 10 && faults.length === 0; i++) await fire()
  expect(faults).toEqual(['pruning history'])
  expect(scheduler.delaysMs.at(-1)).toBe(600_000)
  store.broken = false
  for (let i = 0; i < 10; i++) await fire()
  expect(done.some(step => step.startsWith('lamp1'))).toBe(true)
})

test('once stopped nothing is deleted any more', async () => {
  const { fire, done, pruner } = setUp()
  await fire()
  await fire()
  await pruner.stop()
  const before = done.length
  for (let i = 0; i < 5; i++) await fire()
  expect(done).toHaveLength(before)
})
