import { expect, test } from 'vitest'
import { connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice, logged, ownerOf, registerUser } from '../support/story.ts'

test('a client id is taken over only by its own principal; anybody else gets CONNACK 2 and the holder notices nothing', async () => {
  await using running = await startApp()
  const { client: alice, token } = await registerUser(running, 'alice')
  const { token: malloryToken, client: mallory } = await registerUser(running, 'mallory')
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await expect(connectWithToken(running.wsUrl, malloryToken, { clientId: alice.id })).rejects.toMatchObject({ code: 2 })
  await expect(connectWithToken(running.wsUrl, malloryToken, { clientId: device.id })).rejects.toMatchObject({
    code: 2,
  })
  expect((await alice.request('account/me')).code).toBe(0)
  await using successor = await connectWithToken(running.wsUrl, token, { clientId: alice.id })
  await alice.closed()
  expect((await successor.request('account/me')).code).toBe(0)
  await mallory[Symbol.asyncDispose]()
})

test('of many takeovers at once one session is left, and signing out everywhere leaves none', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const first = await connectWithToken(running.wsUrl, token, { clientId: 'same' })
  const rivals = await Promise.allSettled(
    Array.from({ length: 5 }, () => connectWithToken(running.wsUrl, token, { clientId: 'same' })),
  )
  const connected = rivals.flatMap(rival => (rival.status === 'fulfilled' ? [rival.value] : []))
  await expect.poll(() => [first, ...connected].filter(one => one.mqtt.connected).length).toBeLessThanOrEqual(1)
  expect((await client.request('auth/logout', { everywhere: true })).code).toBe(0)
  await expect.poll(() => connected.filter(one => one.mqtt.connected).length).toBe(0)
  await client[Symbol.asyncDispose]()
})

test('a stored session waits for its owner; nobody else can read it or wipe it', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'dev')
  const { token: malloryToken, client: mallory } = await registerUser(running, 'mallory')
  const stored = { clientId: 'stored', clean: false }
  const first = await connectWithToken(running.wsUrl, token, stored)
  await first.subscribe('devices/+/event/+', 1)
  await first[Symbol.asyncDispose]()
  await expect.poll(() => logged(running, 'session-closed', '"stored"')).toBe(true)
  await expect(
    connectWithToken(running.wsUrl, malloryToken, { clientId: 'stored', clean: true }),
  ).rejects.toMatchObject({ code: 2 })
  await using publisher = await connectAsDevice(running, device)
  await publisher.mqtt.publishAsync('devices/dev/event/motion', 'kept', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.message('devices/dev/event/motion')).payload).toBe('kept')
  await client[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})
