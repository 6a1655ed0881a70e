import { expect, test } from 'vitest'
import type { EngineClient } from '../../../src/broker/engine/engine-client.ts'
import { createAlign } from '../../../src/broker/rights/alignment.ts'
import { createSubscriptions } from '../../../src/broker/rights/subscriptions.ts'
import { createMessagePath } from '../../../src/broker/router/message-tap.ts'
import { createRouter } from '../../../src/broker/router/router.ts'
import { createRoutes } from '../../../src/broker/router/routes.ts'
import { createSendMessage } from '../../../src/broker/router/send-message.ts'
import { createSharing } from '../../../src/broker/router/sharing.ts'
import { createTurns } from '../../../src/broker/router/turns.ts'
import { Reader } from '../../../src/broker/sessions/reader.ts'
import { Session, type SessionReader } from '../../../src/broker/sessions/session.ts'
import { createSessionTable } from '../../../src/broker/sessions/session-table.ts'
import { createStoredSessions } from '../../../src/broker/sessions/stored/stored-sessions.ts'
import { mqtt311 } from '../../../src/broker/transport/packets/mqtt3.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createEvents } from '../../../src/domain/events.ts'
import { type Grants, guest, type UserPrincipal } from '../../../src/domain/principal.ts'
import type { Qos } from '../../../src/domain/qos.ts'
import { createTrafficByKind } from '../../../src/domain/traffic-counts.ts'

const userWith = (grants: Grants): UserPrincipal => ({
  kind: 'user',
  userId: 'u',
  username: 'u',
  grants,
  token: { id: 't', expiresAtMs: 0 },
})
const ownerOf = (...devices: string[]) => userWith(new Map(devices.map(device => [device, 'owner' as const])))
const filter = 'devices/d1/event/x'

/** What a session needs of Aedes' client and of its stream, in memory. */
function createConnection() {
  const written: unknown[] = []
  const stream = {
    destroyed: false,
    reads: 0,
    isFull: false,
    traffic: createTrafficByKind(),
    dialect: mqtt311,
    publish: (publication: unknown) => written.push(publication) > 0,
  }
  const client = {
    id: 'c',
    closed: false,
    close: () => {},
  }
  return { stream, client, written }
}

function openSession(
  { stream, client }: ReturnType<typeof createConnection>,
  reader: SessionReader,
  principal = ownerOf('d1'),
) {
  return new Session({
    client: client as unknown as EngineClient,
    clientId: 'c',
    stream: stream as never,
    address: '192.0.2.1',
    transport: 'tcp',
    openedAtMs: 0,
    keepAliveSeconds: 0,
    principal,
    reader,
  })
}

const askedFor = (filter: string, qos: Qos) => ({ filter, qos, noLocal: false, retainAsPublished: false })

/** Subscriptions of one session, ready unless said otherwise, and what it is routed. */
function setUp({ principal = ownerOf('d1'), ready = true, isStored = false } = {}) {
  const connection = createConnection()
  const sessions = createSessionTable()
  const told: string[] = []
  const routes = createRoutes(createTurns(), {
    follow: filter => void told.push(`+ ${filter}`),
    unfollow: filter => void told.push(`- ${filter}`),
  })
  const stored = createStoredSessions(
    { begin: async () => true, keep: async () => true, forget: async () => true },
    routes,
  )
  const reader = isStored ? stored.keep('c', principal) : new Reader<Session>('c', false)
  const session = openSession(connection, reader, principal)
  const forgotten: string[] = []
  const fed: string[] = []
  session.feed = { add: (due: { filter: string }[]) => fed.push(...due.map(one => one.filter)) } as never
  const align = createAlign({
    routes,
    turns: createTurns(),
    forgetStored: (_session, filters) => void forgotten.push(...filters),
  })
  const subscriptions = createSubscriptions({
    sessions,
    routes,
    events: createEvents(),
    align,
    boundsOf: () => ({ perSession: 10, maxLength: 512 }),
    allRefused: () => {},
    followedPerSession: 10,
  })
  function subscribe(asked: { topic: string; qos: Qos }[]): void {
    const granted = asked.filter(({ topic, qos }) => subscriptions.authorize(session.client, askedFor(topic, qos)))
    subscriptions.activated(
      session.client,
      granted.map(({ topic }) => topic),
    )
  }
  sessions.admit(session)
  session.ready = ready
  if (ready) reader.session = session
  const follow = () => subscribe([{ topic: 'devices/+/event/x', qos: 1 }])
  const isRouted = (topic = filter) => routes.of(topic).some(route => route.reader === reader)
  return {
    ...connection,
    told,
    session,
    reader,
    stored,
    routes,
    subscriptions,
    align,
    subscribe,
    follow,
    isRouted,
    forgotten,
    fed,
  }
}

test('what a followed filter stood for is not routed any more when its grant ends', () => {
  const { session, align, follow, isRouted } = setUp()
  follow()
  expect(isRouted()).toBe(true)
  session.become(ownerOf())
  align(session)
  expect(isRouted()).toBe(false)
})

test('a follower is sent the retained messages of a newly granted device, and not again those of the others', () => {
  const { session, align, follow, fed } = setUp()
  follow()
  session.become(ownerOf('d1', 'd2'))
  align(session)
  align(session)
  expect(fed).toEqual([filter, 'devices/d2/event/x'])
})

test('other nodes are told of the first reader of a filter and of the end of the last, and nothing between: subscribing again interrupts nothing', () => {
  const { told, subscribe, subscriptions, session } = setUp()
  subscribe([{ topic: 'devices/d1/state', qos: 0 }])
  subscribe([{ topic: 'devices/d1/state', qos: 1 }])
  subscribe([{ topic: 'devices/+/event/x', qos: 0 }])
  subscribe([{ topic: 'devices/+/event/x', qos: 1 }])
  expect(told).toEqual(['+ devices/d1/state', '+ devices/d1/event/x'])
  subscriptions.ended(session)
  expect(told.slice(2)).toEqual(['- devices/d1/state', '- devices/d1/event/x'])
})

test('a session that has ended is routed nothing', () => {
  const { subscriptions, session, follow, subscribe, isRouted } = setUp()
  subscribe([{ topic: 'devices/d1/state', qos: 0 }])
  follow()
  expect([isRouted(), isRouted('devices/d1/state')]).toEqual([true, true])
  subscriptions.ended(session)
  expect([isRouted(), isRouted('devices/d1/state')]).toEqual([false, false])
})

test('messages go on being queued for a stored session that is away, in step with its grants', async () => {
  const { subscriptions, session, reader, stored, follow, subscribe, isRouted } = setUp({ isStored: true })
  subscribe([{ topic: 'devices/d1/state', qos: 1 }])
  follow()
  subscriptions.ended(session)
  reader.session = undefined
  expect([isRouted(), isRouted('devices/d1/state')]).toEqual([true, true])
  stored.updateOwners(() => ownerOf('d2')) // over several turns, where one has no time left
  await expect.poll(() => [isRouted(), isRouted('devices/d2/event/x')]).toEqual([false, true])
  void stored.forget('c')
  expect([isRouted('devices/d1/state'), isRouted('devices/d2/event/x')]).toEqual([false, false])
})

test('a session that was superseded does not change what its successor follows', () => {
  const { session, reader, align, follow, isRouted } = setUp({ isStored: true })
  follow()
  reader.session = openSession(createConnection(), reader)
  session.become(guest)
  align(session)
  expect(isRouted()).toBe(true)
})

test('nothing is granted to, or routed to, a connection that is gone', () => {
  const { stream, session, subscriptions, isRouted } = setUp()
  stream.destroyed = true
  expect(subscriptions.authorize(session.client, askedFor(filter, 0))).toBe(false)
  subscriptions.activated(session.client, [filter])
  expect(isRouted()).toBe(false)
})

test('a session forgets what was decided for it when it becomes somebody else', () => {
  const session = openSession(createConnection(), new Reader<Session>('c', false))
  expect(session.deliveryDecision(filter).allowed).toBe(true)
  expect(session.publishDecision('devices/d1/set', false).allowed).toBe(true)
  session.become(guest)
  expect(session.deliveryDecision(filter).allowed).toBe(false)
  expect(session.publishDecision('devices/d1/set', false).allowed).toBe(false)
})

test('QoS 0 is not delivered to whom the policy denies it by now, nor to a slow reader', () => {
  const { session, stream, written, routes, subscribe } = setUp()
  const fanOuts = {
    plan: () => expect.unreachable(),
    resume: async () => {},
    isBehind: false,
    whenCaughtUp: () => {},
  }
  const path = createMessagePath()
  const router = createRouter({
    routes,
    sharing: createSharing({
      routes,
      fanOuts,
      commits: { write: () => expect.unreachable() },
      sendNow: () => expect.unreachable(),
      onFault: cause => expect.unreachable(String(cause)),
      mayQueue: () => false,
    }),
    fanOuts,
    path,
    send: createSendMessage(path, Date.now),
    bus: localBus,
  })
  const message = { topic: filter, payload: 'x', qos: 0, retain: false } as const
  subscribe([{ topic: filter, qos: 0 }])
  router.routeLive(message)
  expect(written).toHaveLength(1)
  stream.isFull = true
  router.routeLive(message)
  expect(written).toHaveLength(1)
  stream.isFull = false
  session.become(guest)
  router.routeLive(message)
  expect(written).toHaveLength(1)
})

test('nothing is granted to a session before its CONNACK, nor brought in step', () => {
  const { session, reader, subscriptions, align, isRouted } = setUp({ ready: false })
  reader.followed.set('devices/+/event/x', { reader, filter: 'devices/+/event/x', qos: 1 })
  expect(subscriptions.authorize(session.client, askedFor(filter, 0))).toBe(false)
  align(session)
  expect(isRouted()).toBe(false)
})

test('a filter of a stored session that is not allowed any more is forgotten when the session is brought in step', () => {
  const { session, align, subscribe, isRouted, forgotten } = setUp({ isStored: true })
  subscribe([
    { topic: filter, qos: 1 },
    { topic: 'devices/d1/state', qos: 1 },
  ])
  session.become(ownerOf('d2'))
  align(session)
  expect(isRouted()).toBe(false)
  expect(forgotten).toEqual([filter, 'devices/d1/state'])
})
