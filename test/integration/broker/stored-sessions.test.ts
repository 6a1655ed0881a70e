import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { Grants } from '../../../src/domain/principal.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { storeWith } from '../../support/gated-store.ts'
import { connectClient, connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOfD1, startBroker } from '../../support/start-broker.ts'
import { addDevice, connectAsDevice, leave, ownerOf, registerUser } from '../../support/story.ts'

test('an explicit filter beside a followed one outlives it after the stored session came back', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, token, stored)
  await phone.subscribe('devices/s1/event/motion', 1)
  await phone.subscribe('devices/+/event/motion', 1)
  await leave(running, phone)
  await using back = await connectWithToken(running.wsUrl, token, stored)
  await back.mqtt.unsubscribeAsync('devices/+/event/motion')
  expect((await back.request('account/me')).code).toBe(0)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'x', { qos: 1 })
  expect((await back.message('devices/s1/event/motion')).payload).toBe('x')
  await client[Symbol.asyncDispose]()
})

test('what an explicit filter at QoS 1 is owed is kept while away, though a followed one at QoS 0 covers it', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, token, stored)
  await phone.subscribe('devices/s1/event/motion', 1)
  await phone.subscribe('devices/+/event/motion', 0)
  expect((await phone.request('account/me')).code).toBe(0)
  await leave(running, phone)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'kept', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.message('devices/s1/event/motion')).payload).toBe('kept')
  await client[Symbol.asyncDispose]()
})

test('a follower that is away is kept what a device sends that was claimed meanwhile', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const stored = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, token, stored)
  await phone.subscribe('devices/+/event/+', 1)
  await leave(running, phone)
  const device = await addDevice(running, 'sensor', 's1')
  expect((await client.request('device/claim', { deviceId: 's1', code: device.claimCode })).code).toBe(0)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'kept', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.message('devices/s1/event/motion')).payload).toBe('kept')
  await client[Symbol.asyncDispose]()
})

test('what an away session may be sent follows the grants that were found when it was checked', async () => {
  let rechecked = 0
  let grants: Grants = new Map()
  await using running = await startBroker({
    authenticator: {
      authenticate: async ({ username, clientId }) =>
        username === 'jwt' ? ownerOfD1(grants) : { kind: 'device', deviceId: clientId, type: 'lamp' },
      recheck: async principal => {
        if (principal.kind !== 'user') return principal
        rechecked++
        grants = new Map([['d1', 'owner']]) // granted while CONNECT was on its way
        return ownerOfD1(grants)
      },
    },
  })
  const stored = { clientId: 'c', username: 'jwt', password: 'x', clean: false }
  const first = await connectClient(running.url, stored)
  await expect.poll(() => rechecked).toBe(1)
  expect(await first.subscribe('devices/d1/event/x', 1)).toBe(1)
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'device', password: 'x' })
  await device.mqtt.publishAsync('devices/d1/event/x', 'kept', { qos: 1 })
  await using back = await connectClient(running.url, stored)
  expect((await back.message('devices/d1/event/x')).payload).toBe('kept')
})

test('a device may connect under its id though a user had a stored session by that name before it was registered', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'mallory')
  const squatter = await connectWithToken(running.wsUrl, token, { clientId: 'lamp-9', clean: false })
  await leave(running, squatter)
  const device = await addDevice(running, 'lamp', 'lamp-9')
  await using lamp = await connectAsDevice(running, device)
  expect(lamp.mqtt.connected).toBe(true)
  await client[Symbol.asyncDispose]()
})

test('an account whose role was changed may use the client id of its stored session again', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  await leave(running, phone)
  await running.admin.administration.setRole('alice', 'operator')
  const issued = await running.admin.administration.issueToken({ user: 'alice' })
  if (typeof issued === 'string') throw new Error(issued)
  await using back = await connectWithToken(running.wsUrl, issued.token, { clientId: 'phone', clean: false })
  expect(back.mqtt.connected).toBe(true)
  await client[Symbol.asyncDispose]()
})

test('filters of a stored session are stored once each, and followed ones are few', async () => {
  let handedOver = 0
  const mqttStore = storeWith(inner => ({
    commit(batch) {
      for (const write of batch) if (write.kind === 'subscribed') handedOver += write.subscriptions.length
      return inner.commit(batch)
    },
  }))
  await using running = await startApp({ mqttStore })
  const { client, token } = await ownerOf(running, 's1')
  await using phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  const subscribe = (filters: string[]) =>
    new Promise<number[]>(resolve => {
      phone.mqtt.subscribe(filters, { qos: 1 }, (_error, _granted, packet) =>
        resolve((packet?.granted ?? []).map(Number)),
      )
    })
  const before = handedOver
  expect(await subscribe(Array.from({ length: 80 }, (_, i) => `devices/s1/event/e${i}`))).not.toContain(128)
  expect(handedOver - before).toBe(80)
  const granted = await subscribe(Array.from({ length: 60 }, (_, i) => `devices/+/event/e${i}`))
  expect(granted).toEqual([...Array.from({ length: 50 }, () => 1), ...Array.from({ length: 10 }, () => 128)])
  await client[Symbol.asyncDispose]()
})

test.each([
  ['token-revoked', []],
  ['token-expired', ['kept']],
] as const)('a session that is away is kept messages while its owner has rights: found %s', async (found, kept) => {
  let rechecked = 0
  let isAway = false
  await using running = await startBroker({
    authenticator: {
      recheck: async principal => {
        rechecked++
        return principal
      },
      restoreAll: async principals => {
        rechecked += principals.length
        return principals.map(principal => (isAway ? found : principal))
      },
    },
  })
  const stored = { clientId: 'c', username: 'jwt', password: 'x', clean: false }
  const first = await connectClient(running.url, stored)
  await first.subscribe('devices/+/event/x', 1)
  await expect.poll(() => rechecked).toBe(1)
  const ended = once(running.events, 'session-closed')
  await first[Symbol.asyncDispose]()
  await ended
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'device', password: 'x' })
  await expect.poll(() => rechecked).toBe(2)
  isAway = true
  void running.orders.give('store-changed-elsewhere', {})
  await expect.poll(() => rechecked).toBe(4) // the device's and the one that is away
  await device.mqtt.publishAsync('devices/d1/event/x', 'kept', { qos: 1 })
  isAway = false
  await using back = await connectClient(running.url, stored)
  await back.subscribe('reply/c/#', 0)
  await expect.poll(() => back.received.map(({ payload }) => payload)).toEqual(kept)
})

test('a service that was away is given the commands that passed meanwhile; a device is not', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 'lamp-1', 'lamp')
  const acl = [{ permission: 'allow', action: 'subscribe', topic: 'devices/#' }] as const
  const { token } = await running.admin.tokens.issueForService('recorder', acl, 3600)
  const asService = { clientId: 'recorder', username: 'jwt', password: token, clean: false }
  const recorder = await connectClient(running.mqttUrl, asService)
  await recorder.subscribe('devices/+/set', 1)
  await leave(running, recorder)
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.set('lamp-1'), 1)
  await client.mqtt.publishAsync(topics.set('lamp-1'), '{"on":true}', { qos: 1 })
  await lamp.message(topics.set('lamp-1'))
  await using back = await connectClient(running.mqttUrl, asService)
  expect((await back.message(topics.set('lamp-1'))).payload).toBe('{"on":true}')
  await client[Symbol.asyncDispose]()
})
