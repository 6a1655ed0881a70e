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
const subscriptions = Array.from({ length: 1000 }, (_, n): StoredSubscription => ({ topic: `app/${n}`, qos: 1 }))
const one: StoredSubscription = { topic: 'app/new', qos: 1 }

test('a session that is deleted and begins again in one batch keeps its new subscriptions, and gets nothing of the one before', async () => {
  const store = openMqttStore(new Database(':memory:'), { queue: { maxMessages: 10, maxBytes: 1e9 } })
  await store.commit([
    { kind: 'session', session },
    { kind: 'subscribed', clientId: 'house', subscriptions },
  ])
  await store.commit([
    { kind: 'forgotten', clientId: 'house' },
    { kind: 'session', session },
    { kind: 'subscribed', clientId: 'house', subscriptions: [one] },
  ])
  const atOnce = await subscriptionsOf(store, 'house')
  for (let n = 0; n < 20; n++) await new Promise(setImmediate)
  const later = await subscriptionsOf(store, 'house')
  expect({ atOnce: atOnce.length, later }).toEqual({ atOnce: 1, later: [one] })
})
