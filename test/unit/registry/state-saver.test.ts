import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createStateSaver } from '../../../src/registry/state-saver.ts'
import { createHandTurnedScheduler } from './hand-turned-scheduler.ts'

function setUp(devices: number) {
  const scheduler = createHandTurnedScheduler()
  const store = { batches: [] as string[][], broken: false, faults: 0 }
  const saver = createStateSaver({
    store: {
      async saveStates(states) {
        if (store.broken) throw new Error('database is locked')
        store.batches.push([...states.keys()])
      },
    },
    stateOf: () => ({}),
    failed: () => store.faults++,
    scheduler,
  })
  const ids = Array.from({ length: devices }, (_, i) => `lamp${i}`)
  for (const id of ids) saver.mark(id)
  const goRound = async () => {
    scheduler.turn()
    await turn()
  }
  return { scheduler, store, saver, ids, goRound, sizes: () => store.batches.map(batch => batch.length) }
}

test('many states are written a hundred at a time, with the event loop going round between', async () => {
  const { scheduler, store, ids, goRound, sizes } = setUp(250)
  scheduler.fire()
  await turn()
  expect(sizes()).toEqual([100])
  await goRound()
  await goRound()
  expect(sizes()).toEqual([100, 100, 50])
  expect(store.batches.flat()).toEqual(ids)
  expect(scheduler.delaysMs).toEqual([1000])
})

test('what changes while they are written waits for the next second', async () => {
  const { scheduler, saver, goRound, sizes } = setUp(150)
  scheduler.fire()
  await turn()
  saver.mark('lamp0')
  await goRound()
  await goRound()
  expect(sizes()).toEqual([100, 50])
  scheduler.fire()
  await turn()
  expect(sizes()).toEqual([100, 50, 1])
})

test('when the store fails amid them, everything that is not written is tried again', async () => {
  const { scheduler, store, ids, goRound, sizes } = setUp(250)
  scheduler.fire()
  await turn()
  store.broken = true
  await goRound()
  await goRound()
  expect([sizes(), store.faults]).toEqual([[100], 1])
  store.broken = false
  scheduler.fire()
  await turn()
  await goRound()
  expect(store.batches.flat().toSorted()).toEqual(ids.toSorted())
})

test('closing waits for no turn', async () => {
  const { saver, store, ids } = setUp(250)
  await saver.close()
  expect(store.batches.flat()).toEqual(ids)
})
