import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectGuest, connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { registerUser, serviceToken } from '../../support/story.ts'

/** The codes of `count` requests, one after the other. */
async function codesOf(client: TestClient, operation: string, count: number): Promise<number[]> {
  const codes: number[] = []
  for (let i = 0; i < count; i++) codes.push((await client.request(operation)).code)
  return codes
}

test('a client that calls one operation too often is told to slow down, on all its connections, and other operations still answer', async () => {
  let ms = Date.now()
  await using running = await startApp({
    now: () => ms,
    configure: c => ({ ...c, limits: { ...c.limits, requestsPerMinute: 3 } }),
  })
  const { client, token } = await registerUser(running, 'alice')
  const { client: other } = await registerUser(running, 'bob')
  ms += 20_000
  expect(await codesOf(client, 'account/me', 3)).toEqual([0, 0, 0])
  await using second = await connectWithToken(running.wsUrl, token)
  expect(await second.request('account/me')).toMatchObject({ code: 4029, data: { retryAfter: 40 } })
  expect(await codesOf(second, 'device/list', 1)).toEqual([0])
  expect(await codesOf(other, 'account/me', 1)).toEqual([0])
  ms += 40_000
  expect(await codesOf(client, 'account/me', 4)).toEqual([0, 0, 0, 4029])
  for (const one of [client, other]) await one[Symbol.asyncDispose]()
})

test('an operation may have a limit of its own', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, requestsPerMinuteOf: { 'device/list': 1 } } }),
  })
  const { client } = await registerUser(running, 'alice')
  expect(await codesOf(client, 'device/list', 2)).toEqual([0, 4029])
  expect(await codesOf(client, 'account/me', 2)).toEqual([0, 0])
  await client[Symbol.asyncDispose]()
})

test('guests are counted each by itself', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, requestsPerMinute: 2 } }),
  })
  await using first = await connectGuest(running.wsUrl)
  await using second = await connectGuest(running.wsUrl)
  expect(await codesOf(first, 'auth/login', 3)).toEqual([1002, 1002, 4029])
  expect(await codesOf(second, 'auth/login', 1)).toEqual([1002])
})

test('a guest that comes by the client id of another, from elsewhere, uses up nothing of its requests', async () => {
  await using running = await startApp({ limits: { requestsPerMinute: 2 } })
  const clientId = 'phone-of-ann'
  await using stranger = await connectGuest(running.wsUrl, { clientId, wsOptions: { localAddress: '127.0.0.2' } })
  expect(await codesOf(stranger, 'auth/login', 3)).toEqual([1002, 1002, 4029])
  await using phone = await connectGuest(running.wsUrl, { clientId })
  expect(await codesOf(phone, 'auth/login', 1)).toEqual([1002])
})

test('requests that do not exist, or that a client may not send, count too; those that do not exist count together', async () => {
  await using running = await startApp({ limits: { requestsPerMinute: 2 } })
  await using guest = await connectGuest(running.wsUrl)
  expect(await codesOf(guest, 'account/me', 3)).toEqual([4003, 4003, 4029])
  const codes = []
  for (const name of ['made/up', 'made/up/2', 'made/up/3']) codes.push(...(await codesOf(guest, name, 1)))
  expect(codes).toEqual([4004, 4004, 4029])
})

test('a refused request counts as twenty messages: a client that sends six hundred at once is read more slowly, one that sends six hundred messages is not', async () => {
  await using running = await startApp()
  const slowed: string[] = []
  running.app.events.on('session-slowed', ({ clientId }) => slowed.push(clientId))
  const token = await serviceToken(running)
  await using talking = await connectWithToken(running.mqttUrl, token, { clientId: 'talking' })
  await using guest = await connectGuest(running.mqttUrl, { clientId: 'guest' })
  for (let n = 0; n < 600; n++) talking.mqtt.publish('app/said', 'x')
  await talking.mqtt.publishAsync('app/said', 'the last', { qos: 1 })
  for (let n = 0; n < 600; n++) guest.mqtt.publish(topics.request('guest', 'account/me'), '{}')
  await expect.poll(() => slowed).toEqual(['guest'])
})
