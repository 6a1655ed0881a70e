import { expect, test } from 'vitest'
import type { KeptSession, StoredSubscription } from '../../../src/domain/mqtt-state/kept-sessions.ts'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { subscriptionsOf } from '../../support/store-steps.ts'

const session: KeptSession = {
  clientId: 'house',
  owner: { kind: 'service', name: 'house', acl: [], token: { id: 't', expiresAtMs: 9e12 } },
  suspended: false,
}
const queue = { maxMessages: 10, maxBytes: 1e9 }
const subscriptions = Array.from({ length: 1000 }, (_, n): StoredSubscription => ({ topic: `app/${n}`, qos: 1 }))
const one: StoredSubscription = { topic: 'app/new', qos: 1 }

async function openFull(...clientIds: readonly string[]) {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue })
  for (const clientId of clientIds)
    await store.commit([
      { kind: 'session', session: { ...session, clientId } },
      { kind: 'subscribed', clientId, subscriptions },
    ])
  const left = () => Number(sqlite.prepare('select count(*) from subscriptions').pluck().get())
  return { sqlite, store, left }
}

test('a session with many subscriptions is gone at once, and they go some in each turn', async () => {
  const { store, left } = await openFull('house', 'flat')
  await store.commit([
    { kind: 'forgotten', clientId: 'house' },
    { kind: 'forgotten', clientId: 'flat' },
  ])
  expect(await store.sessions.all()).toEqual([])
  expect(left()).toBeGreaterThan(1000)
  await new Promise(setImmediate)
  expect(left()).toBeGreaterThan(1000)
  await expect.poll(left).toBe(0)
})

test('a session that comes by the id of one whose subscriptions are still going has nothing of them, and loses nothing', async () => {
  const { store, left } = await openFull('house')
  await store.commit([{ kind: 'forgotten', clientId: 'house' }])
  await store.commit([
    { kind: 'session', session },
    { kind: 'subscribed', clientId: 'house', subscriptions: [one] },
  ])
  expect(await subscriptionsOf(store, 'house')).toEqual([one])
  for (let n = 0; n < 10; n++) await new Promise(setImmediate)
  expect(left()).toBe(1)
})

test('leftovers of a session from a process that died are removed at the next start', async () => {
  const { sqlite, store, left } = await openFull('house')
  await store.commit([{ kind: 'forgotten', clientId: 'house' }])
  expect(left()).toBeGreaterThan(0)
  openMqttStore(sqlite, { queue })
  expect(left()).toBe(0)
})

test('a session that could not be deleted keeps its subscriptions, also when others are deleted after it', async () => {
  const { store, left } = await openFull('house', 'flat')
  const broken = { kind: 'state', deviceId: Symbol('no text') as never, tenure: '', state: '{}' } as const
  await expect(store.commit([{ kind: 'forgotten', clientId: 'house' }, broken])).rejects.toThrow()
  await store.commit([{ kind: 'forgotten', clientId: 'flat' }])
  await expect.poll(left).toBe(1000)
  for (let n = 0; n < 10; n++) await new Promise(setImmediate)
  expect(await subscriptionsOf(store, 'house')).toHaveLength(1000)
})
