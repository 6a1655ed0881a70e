import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { Grants } from '../../../src/domain/principal.ts'
import { isQueueing, storeFailing, storeWith, storeWithGate } from '../../support/gated-store.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { connectClient, connectWithToken, subscribeAll } from '../../support/mqtt-client.ts'
import { connectPacket, connectWithWill } from '../../support/packets.ts'
import { connectRaw, exchange, openTcp } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'
import { subscriptionsOf } from '../../support/store-steps.ts'
import { connectAsDevice, leave, ownerOf, registerUser } from '../../support/story.ts'

const asUser = { username: 'jwt', password: 'x' }

test('1: a filter refused beside a granted one never reaches the store', async () => {
  const handedOver: string[] = []
  const store = storeWith(inner => ({
    commit(batch) {
      for (const write of batch)
        if (write.kind === 'subscribed') handedOver.push(...write.subscriptions.map(({ topic }) => topic))
      return inner.commit(batch)
    },
  }))
  await using running = await startBroker({ store })
  await using user = await connectClient(running.url, { clientId: 'c', clean: false, ...asUser })
  expect(await subscribeAll(user, ['devices/d1/event/x', 'devices/other/event/x'])).toEqual([1, 128])
  expect(handedOver).toEqual(['devices/d1/event/x'])
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

test('8: a message that cannot be queued for its stored sessions is not acknowledged, and the process goes on', async () => {
  const { store, control } = storeFailing(isQueueing)
  await using running = await startBroker({ store })
  await using owed = await connectClient(running.url, { clientId: 'c', clean: false, ...asUser })
  await owed.subscribe('devices/d1/event/x', 1)
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  let acknowledged = false
  device.mqtt.publish('devices/d1/event/x', 'x', { qos: 1 }, error => {
    acknowledged = !error
  })
  await device.closed()
  expect(acknowledged).toBe(false)
  expect(running.faults).toEqual(['keeping a message'])
  control.left = 0
  await using next = await connectClient(running.url, { clientId: 'd1', username: 'd1', password: 'x' })
  await next.mqtt.publishAsync('devices/d1/event/x', 'again', { qos: 1 })
  expect((await owed.message('devices/d1/event/x')).payload).toBe('again')
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
  const { store: mqttStore, open, asked } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startApp({ mqttStore })
  const { client, token } = await ownerOf(running, 's1')
  const { client: mallory, token: malloryToken } = await registerUser(running, 'mallory')
  await leave(running, await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false }))
  const dying = await openTcp(running.app.ports.mqtt)
  dying.send(connectWithWill('phone', true, 'devices/s1/set', token))
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

test('the number of filters of a session is bounded', async () => {
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
  const stored = () => subscriptionsOf(store, 'c')
  expect(await stored()).toHaveLength(1)
  void running.orders.give('grant-changed', { userId: 'u', deviceId: 'd1', role: null })
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
  await expect.poll(() => subscriptionsOf(store, 'c')).toEqual([])
})
