import { expect, test } from 'vitest'
import type { KeptSession, StoredSubscription } from '../../../src/domain/mqtt-store.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const client = { id: 'house' }
const session: KeptSession = {
  clientId: 'house',
  owner: { kind: 'service', name: 'house', acl: [], token: { id: 't', expiresAtMs: 9e12 } },
  suspended: false,
}
const many = Array.from({ length: 1000 }, (_, n): StoredSubscription => ({ topic: `app/${n}`, qos: 1 }))
const one: StoredSubscription = { topic: 'app/new', qos: 1 }

async function createFullStore() {
  const store = createMemoryStore()
  await store.keepSession(session)
  await store.addSubscriptions(client, many)
  return store
}

test('a session with many subscriptions is forgotten with all of them, some in each turn', async () => {
  const store = await createFullStore()
  const forgotten = store.forgetSession(client)
  await new Promise<void>(resolve => setImmediate(resolve))
  const left = (await store.subscriptionsByClient(client)).length
  expect(left).toBeGreaterThan(0)
  await forgotten
  expect(await store.subscriptionsByClient(client)).toEqual([])
  expect(await store.keptSessions()).toEqual([])
})

test('a session that is kept again while it is being forgotten begins anew, and loses nothing of what comes then', async () => {
  const store = await createFullStore()
  const forgotten = store.forgetSession(client)
  await new Promise<void>(resolve => setImmediate(resolve))
  await store.keepSession(session)
  expect(await store.subscriptionsByClient(client)).toEqual([])
  await store.addSubscriptions(client, [one])
  await forgotten
  expect(await store.subscriptionsByClient(client)).toEqual([one])
  expect(await store.keptSessions()).toHaveLength(1)
})

test('what is subscribed while the subscriptions of before are being removed stays', async () => {
  const store = await createFullStore()
  const cleaned = store.cleanSubscriptions(client)
  await new Promise<void>(resolve => setImmediate(resolve))
  await store.addSubscriptions(client, [one])
  await cleaned
  expect(await store.subscriptionsByClient(client)).toContainEqual(one)
})

test('two sessions that are forgotten at once are both forgotten', async () => {
  const store = await createFullStore()
  const other = { id: 'flat' }
  await store.keepSession({ ...session, clientId: 'flat' })
  await store.addSubscriptions(other, many)
  await Promise.all([store.forgetSession(client), store.forgetSession(other)])
  expect(await store.keptSessions()).toEqual([])
  expect(await store.subscriptionsByClient(other)).toEqual([])
})
