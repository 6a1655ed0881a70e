import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Presence } from '../../../../src/domain/device.ts'
import { createPresenceSaver } from '../../../../src/registry/state/presence-saver.ts'
import { createHandTurnedScheduler } from '../hand-turned-scheduler.ts'

const online = (sinceMs: number): Presence => ({ online: true, sinceMs })

function setUp() {
  const scheduler = createHandTurnedScheduler()
  const store = { batches: [] as ReadonlyMap<string, Presence>[], broken: false }
  const faults: string[] = []
  const saver = createPresenceSaver({
    store: {
      async savePresences(presences) {
        if (store.broken) throw new Error('database is locked')
        store.batches.push(presences)
      },
    },
    failed: cause => faults.push(String(cause)),
    scheduler,
  })
  const goRound = async () => {
    scheduler.turn()
    await turn()
  }
  return { scheduler, store, faults, saver, goRound }
}

test('of many devices a hundred are written at a time, with the event loop going round between', async () => {
  const { store, saver, goRound } = setUp()
  for (let n = 0; n < 250; n++) saver.put(`lamp${n}`, online(n))
  await goRound()
  expect(store.batches.map(batch => batch.size)).toEqual([100])
  await goRound()
  await goRound()
  expect(store.batches.map(batch => batch.size)).toEqual([100, 100, 50])
  expect(store.batches.flatMap(batch => [...batch.values()]).map(({ sinceMs }) => sinceMs)).toEqual(
    Array.from({ length: 250 }, (_, n) => n),
  )
})

test('what cannot be written is kept, of each device the latest, said once, and written when that is possible again', async () => {
  const { scheduler, store, faults, saver, goRound } = setUp()
  store.broken = true
  saver.put('lamp', online(1))
  saver.put('plug', online(1))
  await goRound()
  saver.put('lamp', online(2))
  scheduler.fire()
  await goRound()
  expect(faults).toEqual(['Error: database is locked'])
  store.broken = false
  scheduler.fire()
  await goRound()
  expect(store.batches.map(batch => Object.fromEntries(batch))).toEqual([{ lamp: online(2), plug: online(1) }])
})

test('stopping waits for one attempt, not for the database', async () => {
  const { store, saver } = setUp()
  store.broken = true
  saver.put('lamp', online(1))
  await saver.settled()
  expect(store.batches).toEqual([])
})
