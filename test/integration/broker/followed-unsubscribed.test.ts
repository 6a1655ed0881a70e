import { expect, test } from 'vitest'
import { createRoutes } from '../../../src/broker/router/routes.ts'
import { createTurns } from '../../../src/broker/router/turns.ts'
import { createStoredSessions } from '../../../src/broker/sessions/stored/stored-sessions.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { user } from '../../support/packets.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'
import { subscriptionsOf } from '../../support/store-steps.ts'

const stored = { clientId: 'phone', clean: false, ...user }

test('a followed filter that a stored session has unsubscribed is not followed again after a restart', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  await using phone = await connectClient(running.url, stored)
  await phone.subscribe('devices/+/event/x', 1)
  await phone.subscribe('devices/d1/event/y', 1)
  await phone.mqtt.unsubscribeAsync('devices/+/event/x')
  const kept = await subscriptionsOf(store, 'phone')
  expect(kept.map(({ topic }) => topic)).toEqual(['devices/d1/event/y'])
})

test('a session that is suspended while it is connected leaves nothing of what it follows in the index', () => {
  const routes = createRoutes(createTurns(), localBus)
  const sessions = createStoredSessions(
    { begin: async () => true, keep: async () => true, forget: async () => true },
    routes,
  )
  const subscriptions = [{ topic: '$follow/devices/+/event/x', qos: 1 }] as const
  sessions.restore({ clientId: 'phone', owner: ownerOfD1(), suspended: false, subscriptions, begun: [] })
  expect(routes.of('devices/d1/event/x')).toHaveLength(1)
  const reader = sessions.keep('phone', ownerOfD1())
  reader.session = {} as never
  sessions.suspendWhere(() => true, performance.now())
  reader.session = undefined
  sessions.left('phone', 1)
  expect(routes.of('devices/d1/event/x')).toEqual([])
})
