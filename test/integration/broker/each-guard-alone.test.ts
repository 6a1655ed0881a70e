import { once } from 'node:events'
import { expect, test } from 'vitest'
import { passwordDigest } from '../../../src/accounts/password-digest.ts'
import type { Grants } from '../../../src/domain/principal.ts'
import { createMemoryStore } from '../../../src/persistence/memory-store.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { storeWith, storeWithGatedWipe } from '../../support/gated-store.ts'
import { connectClient, connectGuest, connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { connectPacket } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'
import { connectAsDevice, leave, operatorToken, ownerOf, password, registerUser } from '../../support/story.ts'

/** One SUBSCRIBE of all `filters` at QoS 1; its SUBACK. */
const subscribeAll = (client: TestClient, filters: string[]): Promise<number[]> =>
  new Promise(resolve => {
    client.mqtt.subscribe(filters, { qos: 1 }, (_error, _granted, packet) =>
      resolve((packet?.granted ?? []).map(Number)),
    )
  })

const asUser = { username: 'jwt', password: 'x' }

test('1: a filter refused beside a granted one never reaches the store', async () => {
  const handedOver: string[] = []
  const store = storeWith(inner => ({
    addSubscriptions: (client, filters) => {
      handedOver.push(...filters.map(({ topic }) => topic))
      return inner.addSubscriptions(client, filters)
    },
  }))
  await using running = await startBroker({ store })
  await using user = await connectClient(running.url, { clientId: 'c', clean: false, ...asUser })
  expect(await subscribeAll(user, ['devices/d1/event/x', 'devices/other/event/x'])).toEqual([1, 128])
  expect(handedOver).toEqual(['devices/d1/event/x'])
})

test('1: what was queued while a user had the grant is not delivered after the grant went', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, token, stored)
  await phone.subscribe('devices/s1/event/+', 1)
  await leave(running, phone)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'queued', { qos: 1 })
  expect((await client.request('device/release', { deviceId: 's1' })).code).toBe(0)
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ topic }) => topic.startsWith('devices/'))).toEqual([])
  await client[Symbol.asyncDispose]()
})

test('3: a reader that stops reading misses QoS 0, and no more than the bound waits for it', async () => {
  await using running = await startBroker()
  const stuck = await connectRaw('tcp', running.port, { clientId: 'stuck', ...asUser })
  await exchange(stuck, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/d1/event/x', qos: 0 }] })
  stuck.stopReading()
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  const payload = 'x'.repeat(60_000)
  for (let i = 0; i < 400; i++) device.mqtt.publish('devices/d1/event/x', payload)
  await device.mqtt.publishAsync('devices/d1/ack', '{}', { qos: 1 })
  expect(running.sockets[0]?.writableLength).toBeGreaterThan(0)
  expect(running.sockets[0]?.writableLength).toBeLessThan(1_048_576 + 2 * payload.length)
  stuck.close()
})

test('6: before CONNECT a packet may announce less than after it', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, connectTimeoutMs: 60_000 } }),
  })
  const early = await openTcp(running.app.ports.mqtt)
  early.send(Buffer.from([0x10, 0xa0, 0x9c, 0x01])) // CONNECT of 20,000 bytes, announced
  await early.closed // at once, not at the end of the time for CONNECT
})

test('7: a CONNECT whose sign-in hangs is closed by the broker, in time', async () => {
  await using running = await startBroker({
    authenticator: { authenticate: () => new Promise(() => {}) },
    connectTimeoutMs: 300,
  })
  const refused: string[] = []
  running.events.on('connection-refused', ({ reason }) => refused.push(reason))
  const hanging = await openTcp(running.port)
  hanging.send(connectPacket('hanging', true))
  await hanging.closed
  expect(refused).toEqual(['connect-timeout'])
})

test('8: a fault that Aedes itself meets is reported and the process goes on', async () => {
  const answers: unknown[] = [null]
  const store = storeWith(inner => ({
    subscriptionsByTopic: async topic =>
      answers.length > 0 ? (answers.pop() as never) : inner.subscriptionsByTopic(topic),
  }))
  await using running = await startBroker({ store })
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  await device.mqtt.publishAsync('devices/d1/event/x', 'x', { qos: 1 })
  await expect.poll(() => running.faults).toEqual(['broker'])
  await using next = await connectClient(running.url, { clientId: 'd2', username: 'd2', password: 'x' })
  expect(next.mqtt.connected).toBe(true)
})

test('14: a refused publish reaches nobody and is not retained', async () => {
  const mqttStore = createMemoryStore()
  await using running = await startApp({ mqttStore })
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  expect(await operator.subscribe('devices/#', 1)).toBe(1)
  await using guest = await connectGuest(running.wsUrl)
  await guest.mqtt.publishAsync('devices/x/event/y', 'forged', { qos: 1 })
  await guest.mqtt.publishAsync('devices/x/state', 'forged', { qos: 1, retain: true })
  await guest.message(topics.notify(guest.id, 'denied'), ({ payload }) => payload.includes('x/state'))
  expect((await operator.request('account/me')).code).toBe(0)
  expect(operator.received.filter(({ payload }) => payload === 'forged')).toEqual([])
  const retained = await mqttStore.createRetainedStream('#').toArray()
  expect(retained.filter(({ topic }) => topic === 'devices/x/state')).toEqual([])
})

test('15: the body of a request is handed neither to the store nor to anyone, at QoS 2 either', async () => {
  const seen: string[] = []
  const mqttStore = storeWith(inner => ({
    incomingStorePacket: (client, packet) => {
      seen.push(packet.topic, String(packet.payload))
      return inner.incomingStorePacket(client, packet)
    },
    subscriptionsByTopic: topic => {
      seen.push(topic)
      return inner.subscriptionsByTopic(topic)
    },
  }))
  await using running = await startApp({ mqttStore })
  const { client } = await registerUser(running, 'alice')
  const body = JSON.stringify({ current: password, next: passwordDigest('battery staple') })
  await client.mqtt.publishAsync(topics.request(client.id, 'auth/password'), body, { qos: 2 })
  expect(JSON.parse((await client.message(topics.reply(client.id, 'auth/password'))).payload).code).toBe(0)
  expect(seen).not.toEqual([])
  expect(seen.filter(text => text.includes(password) || text.startsWith('request/'))).toEqual([])
  await client[Symbol.asyncDispose]()
})

test('17: a guest leaves no will, not even on its own requests; nobody a larger one than an event may be', async () => {
  await using running = await startApp({ configure: c => ({ ...c, limits: { ...c.limits, maxEventBytes: 100 } }) })
  const { client, device } = await ownerOf(running, 'dev')
  const will = (topic: string, size: number) => ({
    will: { topic, payload: Buffer.alloc(size, 'x'), qos: 1 as const, retain: false },
  })
  await expect(connectClient(running.wsUrl, { clientId: 'g', ...will('request/g/anything', 1) })).rejects.toMatchObject(
    { code: 5 },
  )
  await expect(connectAsDevice(running, device, will('devices/dev/event/died', 101))).rejects.toMatchObject({ code: 5 })
  await using allowed = await connectAsDevice(running, device, will('devices/dev/event/died', 100))
  expect(allowed.mqtt.connected).toBe(true)
  await client[Symbol.asyncDispose]()
})

test('what a session followed before it was wiped is not kept for it afterwards', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const stored = { clientId: 'phone', clean: false }
  const first = await connectWithToken(running.wsUrl, token, stored)
  expect(await first.subscribe('devices/+/event/+', 1)).toBe(1)
  await leave(running, first)
  await leave(running, await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: true }))
  await leave(running, await connectWithToken(running.wsUrl, token, stored))
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'x', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ topic }) => topic.startsWith('devices/'))).toEqual([])
  await client[Symbol.asyncDispose]()
})

test('the client id of a session that its owner wiped is free', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const { client: other, token: otherToken } = await registerUser(running, 'bob')
  await leave(running, await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false }))
  await leave(running, await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: true }))
  await using next = await connectWithToken(running.wsUrl, otherToken, { clientId: 'phone', clean: false })
  expect((await next.request('account/me')).code).toBe(0)
  await Promise.all([client[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
})

test('a CONNECT that was to wipe a stored session, and died before it did, leaves the session with its owner', async () => {
  const { store: mqttStore, open, asked, control } = storeWithGatedWipe('phone')
  control.gated = false
  await using running = await startApp({ mqttStore })
  const { client, token } = await registerUser(running, 'alice')
  const { client: mallory, token: malloryToken } = await registerUser(running, 'mallory')
  await leave(running, await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false }))
  control.gated = true
  const dying = await openTcp(running.app.ports.mqtt)
  dying.send(connectPacket('phone', true, token))
  await asked
  dying.close()
  await dying.closed
  expect((await client.request('account/me')).code).toBe(0)
  await expect(
    connectWithToken(running.wsUrl, malloryToken, { clientId: 'phone', clean: false }),
  ).rejects.toMatchObject({ code: 2 })
  open()
  await Promise.all([client[Symbol.asyncDispose](), mallory[Symbol.asyncDispose]()])
})

test('a session holds so many filters and no more', async () => {
  await using running = await startBroker()
  await using user = await connectClient(running.url, { clientId: 'c', ...asUser })
  const hundred = (from: number) => Array.from({ length: 100 }, (_, i) => `devices/d1/event/e${from + i}`)
  for (let i = 0; i < 1000; i += 100) expect(await subscribeAll(user, hundred(i))).not.toContain(128)
  expect(await subscribeAll(user, ['devices/d1/event/one-more', 'devices/d1/event/e0'])).toEqual([128, 1])
})

test('a stored filter leaves the store when its grant goes while the session is open', async () => {
  const store = createMemoryStore()
  await using running = await startBroker({ store })
  await using user = await connectClient(running.url, { clientId: 'c', clean: false, ...asUser })
  await subscribeAll(user, ['devices/d1/event/x'])
  const stored = () => store.subscriptionsByClient({ id: 'c' })
  expect(await stored()).toHaveLength(1)
  running.events.emit('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
  await expect.poll(stored).toEqual([])
})

test('a stored filter whose grant went while the session was away leaves the store when it is back', async () => {
  const store = createMemoryStore()
  let grants: Grants = new Map([['d1', 'owner']])
  await using running = await startBroker({
    store,
    authenticator: { authenticate: async () => ownerOfD1(grants), recheck: async () => ownerOfD1(grants) },
  })
  const phone = await connectClient(running.url, { clientId: 'c', clean: false, ...asUser })
  await subscribeAll(phone, ['devices/d1/event/x'])
  const ended = once(running.events, 'session-closed')
  await phone[Symbol.asyncDispose]()
  await ended
  grants = new Map()
  await using back = await connectClient(running.url, { clientId: 'c', clean: false, ...asUser })
  expect(back.mqtt.connected).toBe(true)
  await expect.poll(() => store.subscriptionsByClient({ id: 'c' })).toEqual([])
})
