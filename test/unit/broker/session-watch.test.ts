import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EngineClient } from '../../../src/broker/engine/engine-client.ts'
import { obeyOrders } from '../../../src/broker/rights/obey-orders.ts'
import { createSessionWatch } from '../../../src/broker/rights/session-watch.ts'
import { createRoutes } from '../../../src/broker/router/routes.ts'
import { createTurns } from '../../../src/broker/router/turns.ts'
import { createClientIds } from '../../../src/broker/sessions/client-ids.ts'
import { createClosings } from '../../../src/broker/sessions/closings.ts'
import { Reader } from '../../../src/broker/sessions/reader.ts'
import { Session } from '../../../src/broker/sessions/session.ts'
import { createSessionTable } from '../../../src/broker/sessions/session-table.ts'
import { createStoredSessions } from '../../../src/broker/sessions/stored/stored-sessions.ts'
import { createOrders } from '../../../src/bus/create-orders.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createEvents } from '../../../src/domain/events.ts'
import { guest, type Principal, type UserPrincipal } from '../../../src/domain/principal.ts'
import type { ConnectRefusal } from '../../../src/domain/sign-in.ts'
import { createTrafficByKind } from '../../../src/domain/traffic-counts.ts'

const dayMs = 24 * 3_600_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const user = (tokenId: string, devices: string[] = [], expiresAtMs = Date.now() + dayMs): UserPrincipal => ({
  kind: 'user',
  userId: 'u',
  username: 'u',
  grants: new Map(devices.map(device => [device, 'owner' as const])),
  token: { id: tokenId, expiresAtMs },
})

/** A watched session, and the look-ups that it waits for: each is answered by its caller. */
function setUp(principal: Principal, isStored = false) {
  const client = { id: 'c', closed: false, close: () => {} }
  const stream = {
    destroyed: false,
    pendingBytes: 0,
    publish: () => true,
    sayFarewell() {},
    traffic: createTrafficByKind(),
  }
  const session = new Session({
    client: client as unknown as EngineClient,
    clientId: 'c',
    stream: stream as never,
    address: '192.0.2.1',
    transport: 'tcp',
    openedAtMs: Date.now(),
    keepAliveSeconds: 0,
    principal,
    reader: new Reader('c', isStored),
  })
  const sessions = createSessionTable()
  const stored = createStoredSessions(
    { begin: async () => true, keep: async () => true, forget: async () => true },
    createRoutes(createTurns(), localBus),
  )
  sessions.admit(session)
  const asked: { of: Principal; answer: (found: Principal | ConnectRefusal) => void }[] = []
  const lookUp = (of: Principal) => new Promise<Principal | ConnectRefusal>(answer => asked.push({ of, answer }))
  const events = createEvents()
  const orders = createOrders(events, localBus)
  const closings = createClosings()
  const watch = createSessionWatch({
    sessions,
    stored,
    clientIds: createClientIds({ sessions, stored, events }),
    authenticator: {
      authenticate: async () => 'bad-credentials',
      isReserved: async () => false,
      recheck: lookUp,
      recheckAll: principals => Promise.all(principals.map(lookUp)),
      restore: async () => 'bad-credentials',
      restoreAll: async principals => principals,
    },
    events,
    limits: { guest: { idleSeconds: 600, maxSeconds: 600, perAddress: 1 } } as never,
    now: Date.now,
    closings,
    align: () => {},
    makeRoom: () => true,
    rekeepWill: () => {},
  })
  obeyOrders({ orders, sessions, stored, closings, watch, events, now: Date.now })
  watch.watch(session)
  return { client, session, sessions, stored, asked, orders, watch }
}

it('a guest is closed when its time is over, although it goes on sending requests', () => {
  const { session } = setUp(guest)
  for (let i = 0; i < 599; i++) {
    vi.advanceTimersByTime(1000)
    session.lastRequestAtMs = Date.now()
  }
  expect(session.closeReason).toBeUndefined()
  vi.advanceTimersByTime(1000)
  expect(session.closeReason).toBe('guest-time-over')
})

it('a token that outlives the longest timer is neither ended early nor forgotten', () => {
  const { session } = setUp(user('t', [], Date.now() + 60 * dayMs))
  vi.advanceTimersByTime(59 * dayMs)
  expect(session.closeReason).toBeUndefined()
  vi.advanceTimersByTime(dayMs)
  expect(session.closeReason).toBe('token-expired')
})

it('a service is warned each time that is left before its token ends, and closed then, by one timer', () => {
  const token = { id: 't', expiresAtMs: Date.now() + 20 * dayMs }
  const { session } = setUp({ kind: 'service', name: 's', acl: [], token })
  const { reader } = session
  reader.asked.set('notify/c/#', { reader, filter: 'notify/c/#', qos: 0 })
  session.ready = true
  const warnedAtMs: number[] = []
  vi.spyOn(session.stream, 'publish').mockImplementation(() => warnedAtMs.push(Date.now()) > 0)
  let mostTimers = 0
  const fromMs = Date.now()
  for (let hour = 0; hour < 20 * 24; hour++) {
    mostTimers = Math.max(mostTimers, vi.getTimerCount())
    vi.advanceTimersByTime(3_600_000)
  }
  const beforeTheEndMs = warnedAtMs.map(atMs => fromMs + 20 * dayMs - atMs)
  expect(beforeTheEndMs).toEqual([14 * dayMs, 3 * dayMs, dayMs, 5 * 60_000])
  expect(session.closeReason).toBe('token-expired')
  expect(mostTimers).toBe(1)
})

it('a session that becomes somebody is looked up again, and what was revoked meanwhile ends it', async () => {
  const { session, asked, watch } = setUp(guest)
  const next = user('t')
  expect(watch.become(session, next)).toBe('done')
  await vi.waitFor(() => expect(asked.map(({ of }) => of)).toEqual([next]))
  asked[0]?.answer('token-revoked')
  await vi.waitFor(() => expect(session.closeReason).toBe('token-revoked'))
  expect(session.principal.kind).toBe('guest')
})

it('an answer about the rights of before does not undo what changed meanwhile', async () => {
  const before = user('t', ['d1'])
  const { session, asked, orders } = setUp(before)
  void orders.give('store-changed-elsewhere', {})
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  void orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  asked[0]?.answer(before)
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  expect(session.principal).toMatchObject({ grants: new Map() })
})

it('a refusal of the token of before does not end a session that has another one by now', async () => {
  const { session, asked, orders, watch } = setUp(user('old'))
  void orders.give('store-changed-elsewhere', {})
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(watch.become(session, user('new'))).toBe('done')
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  asked[0]?.answer('token-revoked')
  asked[1]?.answer(user('new'))
  await vi.waitFor(() => expect(session.principal).not.toBe(asked[1]?.of))
  expect(session.closeReason).toBeUndefined()
})

it('signing out spares the token that asked, and no other of the account', () => {
  const spared = setUp(user('mine'))
  void spared.orders.give('account-signed-out', { userId: 'u', reason: 'password-changed', exceptTokenId: 'mine' })
  expect(spared.session.closeReason).toBeUndefined()
  const other = setUp(user('other'))
  void other.orders.give('account-signed-out', { userId: 'u', reason: 'password-changed', exceptTokenId: 'mine' })
  expect(other.session.closeReason).toBe('password-changed')
})

it('a revoked token ends the sessions that were superseded but are still open, too', () => {
  const { session, sessions, orders } = setUp(user('t'))
  const successor = new Session({
    client: { ...session.client, id: 'c' } as EngineClient,
    clientId: 'c',
    stream: session.stream,
    address: session.address,
    transport: 'tcp',
    openedAtMs: 0,
    keepAliveSeconds: 0,
    principal: user('another'),
    reader: session.reader,
  })
  sessions.admit(successor)
  void orders.give('token-revoked', { tokenId: 't', reason: 'logged-out' })
  expect(session.closeReason).toBe('logged-out')
  expect(successor.closeReason).toBeUndefined()
})

it('a session that a device has superseded does not take the stored session of that id back', () => {
  const { session, sessions, stored, orders } = setUp(user('t'), true)
  const device = { kind: 'device', deviceId: 'c', type: 'lamp' } as const
  sessions.admit(
    new Session({
      client: { ...session.client, id: 'c' } as EngineClient,
      clientId: 'c',
      stream: session.stream,
      address: session.address,
      transport: 'tcp',
      openedAtMs: 0,
      keepAliveSeconds: 0,
      principal: device,
      reader: session.reader,
    }),
  )
  stored.keep('c', device)
  void orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: 'owner' })
  expect(stored.ownerOf('c')).toBe(device)
})
