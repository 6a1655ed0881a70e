import type { Client } from 'aedes'
import { expect, test } from 'vitest'
import { createLiveDelivery, type LiveDelivery } from '../../../src/broker/routing/live-delivery.ts'
import { createMessagePath } from '../../../src/broker/routing/message-tap.ts'
import { createAlignment } from '../../../src/broker/session/alignment.ts'
import { type Qos, Session } from '../../../src/broker/session/session.ts'
import { createSessionTable } from '../../../src/broker/session/session-table.ts'
import { createStoredSessions } from '../../../src/broker/session/stored-sessions.ts'
import { createSubscriptions } from '../../../src/broker/session/subscriptions.ts'
import { createEvents } from '../../../src/domain/events.ts'
import { type Grants, guest, type UserPrincipal } from '../../../src/domain/principal.ts'
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
    hold: () => () => {},
    write: (bytes: unknown) => written.push(bytes),
  }
  const client = {
    id: 'c',
    clean: true,
    closed: false,
    subscribe: (_due: { topic: string; qos: Qos }[], done: () => void) => done(),
    unsubscribe: (_packet: object, done: () => void) => done(),
    close: () => {},
  }
  return { stream, client, written }
}

function openSession({ stream, client }: ReturnType<typeof createConnection>, principal = ownerOf('d1')): Session {
  return new Session({
    client: client as unknown as Client,
    stream: stream as never,
    address: '192.0.2.1',
    transport: 'tcp',
    openedAtMs: 0,
    principal,
  })
}

/** Subscriptions of one session, ready unless said otherwise; what is active for it in Aedes and in the live index. */
function setUp({ principal = ownerOf('d1'), ready = true } = {}) {
  const connection = createConnection()
  const { client } = connection
  const session = openSession(connection, principal)
  const sessions = createSessionTable()
  const stored = createStoredSessions({ keep: () => {}, forget: () => {} })
  const active = new Set<string>()
  const indexed = new Set<string>()
  const live: LiveDelivery = {
    subscribed: (_session, topic) => void indexed.add(topic),
    unsubscribed: (_session, topic) => void indexed.delete(topic),
    readersOf: () => [],
    deliver: () => {},
  }
  const events = createEvents()
  const forgetStored = async () => {}
  const alignment = createAlignment({ sessions, stored, live, events, forgetStored })
  const subscriptions = createSubscriptions({
    sessions,
    stored,
    live,
    events,
    alignment,
    filtersPerSession: 10,
    followedPerSession: 10,
    filtersPerPacket: 10,
    forgetStored,
  })
  function subscribe(asked: { topic: string; qos: Qos }[], done: () => void = () => {}): void {
    const granted = asked.filter(one => subscriptions.authorize(session.client, one as never))
    for (const { topic } of granted) active.add(topic)
    subscriptions.activated(session.client, granted)
    done()
  }
  client.subscribe = subscribe
  client.unsubscribe = (packet: object, done: () => void) => {
    for (const topic of (packet as { unsubscriptions: string[] }).unsubscriptions) active.delete(topic)
    done()
  }
  sessions.admit(session)
  if (ready) subscriptions.restored(session)
  const follow = () => subscribe([{ topic: 'devices/+/event/x', qos: 1 }])
  return { ...connection, session, sessions, stored, subscriptions, alignment, active, indexed, subscribe, follow }
}

test('what a followed filter stood for is taken out of Aedes and of the index when its grant goes', async () => {
  const { session, alignment, active, indexed, follow } = setUp()
  follow()
  await expect.poll(() => [active.has(filter), indexed.has(filter)]).toEqual([true, true])
  session.become(ownerOf())
  alignment.align(session)
  await expect.poll(() => [active.has(filter), indexed.has(filter)]).toEqual([false, false])
})

test('a session that has ended leaves nothing in the index', async () => {
  const { session, subscriptions, indexed, follow, subscribe } = setUp()
  subscribe([{ topic: 'devices/d1/state', qos: 0 }])
  follow()
  await expect.poll(() => indexed.size).toBe(2)
  subscriptions.ended(session)
  expect([...indexed]).toEqual([])
})

test('a session that was superseded does not say what its successor follows', async () => {
  const { session, sessions, stored, active, follow } = setUp()
  stored.keep('c', ownerOf('d1'))
  sessions.admit(openSession(createConnection()))
  follow()
  await expect.poll(() => active.has(filter)).toBe(true)
  expect(session.followed.size).toBe(1)
  expect(stored.derivedOf('c').size).toBe(0)
})

test('nothing is granted to, or indexed for, a connection that is gone', () => {
  const { stream, session, subscriptions, indexed } = setUp()
  stream.destroyed = true
  expect(subscriptions.authorize(session.client, { topic: filter, qos: 0 })).toBeNull()
  subscriptions.activated(session.client, [{ topic: filter, qos: 0 }])
  expect([...indexed]).toEqual([])
})

test('a session forgets what was decided for it when it becomes somebody else', () => {
  const session = openSession(createConnection())
  expect(session.deliveryDecision(filter).allowed).toBe(true)
  expect(session.publishDecision('devices/d1/set', false).allowed).toBe(true)
  session.become(guest)
  expect(session.deliveryDecision(filter).allowed).toBe(false)
  expect(session.publishDecision('devices/d1/set', false).allowed).toBe(false)
})

test('QoS 0 is not delivered to whom the policy denies it by now, nor to a slow reader', () => {
  const live = createLiveDelivery(createMessagePath())
  const connection = createConnection()
  const session = openSession(connection)
  live.subscribed(session, filter)
  live.deliver(filter, 'x')
  expect(connection.written).toHaveLength(1)
  connection.stream.isFull = true
  live.deliver(filter, 'x')
  expect(connection.written).toHaveLength(1)
  connection.stream.isFull = false
  session.become(guest)
  live.deliver(filter, 'x')
  expect(connection.written).toHaveLength(1)
})

test('nothing is subscribed for a session before its CONNACK, and what it follows is right after it', async () => {
  const { client, session, subscriptions, alignment, active } = setUp({ ready: false })
  session.followed.set('devices/+/event/x', 1)
  let asked = 0
  const subscribe = client.subscribe
  client.subscribe = (due, done) => {
    asked++
    subscribe(due, done)
  }
  alignment.align(session)
  await new Promise(resolve => setImmediate(resolve))
  expect(asked).toBe(0)
  subscriptions.restored(session)
  await expect.poll(() => active.has(filter)).toBe(true)
})

test('a filter of a stored session that is not allowed any more is not restored', () => {
  const { session, subscriptions } = setUp({ ready: false })
  const restored = (topic: string) => ({ topic, qos: 1 as const, askedQos: 1 as const })
  expect(subscriptions.authorize(session.client, restored('devices/other/event/x') as never)).toBeNull()
  expect(subscriptions.authorize(session.client, restored(filter) as never)).not.toBeNull()
  expect([...session.asked.keys()]).toEqual([filter])
})
