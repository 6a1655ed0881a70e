import { join } from 'node:path'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { startGatedWechat } from '../../support/gated-wechat.ts'
import { connectClient, connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, leave, logged, ownerOf, password, registerUser, serviceToken } from '../../support/story.ts'

const tokensOnRecord = ({ config }: RunningApp): unknown => {
  const database = new Database(join(config.dataDir, 'latchkey.db'), { readonly: true })
  const count = database.prepare('select count(*) from token').pluck().get()
  database.close()
  return count
}

/** What `client` has received of its own topics by the time that it has been answered once more, on `reply/…/account/me`. */
async function heardBy(client: TestClient): Promise<string[]> {
  const me = topics.reply(client.id, 'account/me')
  await client.subscribe(me)
  await client.request('account/me')
  return client.received.map(({ topic }) => topic).filter(topic => /^(reply|notify)\//.test(topic) && topic !== me)
}

test('a bridge that has subscribed its own topics is sent nothing else, whatever of it is refused', async () => {
  await using running = await startApp()
  await using bridge = await connectWithToken(running.mqttUrl, await serviceToken(running))
  await bridge.mqtt.unsubscribeAsync([topics.replies(bridge.id), topics.notifications(bridge.id)])
  await bridge.subscribe('app/#', 1)
  await bridge.mqtt.publishAsync('elsewhere', 'x', { qos: 1 })
  bridge.send('account/me')
  await expect.poll(() => logged(running, '"request-answered"', bridge.id, '"unheard":true')).toBe(true)
  await bridge.mqtt.publishAsync('app/after', 'x', { qos: 1 })
  await bridge.message('app/after')
  expect(bridge.received.map(({ topic }) => topic)).toEqual(['app/after'])
  expect(logged(running, '"publish-refused"', '"elsewhere"', bridge.id)).toBe(true)
})

test('a client that has subscribed to some of its own topics is sent those, until it unsubscribes', async () => {
  await using running = await startApp()
  const { token, client } = await registerUser(running, 'alice')
  await using other = await connectClient(running.wsUrl, { username: 'jwt', password: token })
  const refused = () => other.mqtt.publishAsync('elsewhere', 'x', { qos: 1 })
  for (const filter of [topics.notify(other.id, 'denied'), `reply/${other.id}/+/list`]) await other.subscribe(filter)
  await refused()
  other.send('device/list')
  other.send('device/release', { deviceId: 'none' })
  expect(await heardBy(other)).toEqual([topics.notify(other.id, 'denied'), topics.reply(other.id, 'device/list')])

  await other.mqtt.unsubscribeAsync([topics.notify(other.id, 'denied'), `reply/${other.id}/+/list`])
  await refused()
  other.send('device/list')
  expect(await heardBy(other)).toHaveLength(2)
  await client[Symbol.asyncDispose]()
})

test('a stored session that comes back hears what it had subscribed', async () => {
  await using running = await startApp()
  const { token, client } = await registerUser(running, 'alice')
  const options = { clientId: 'kept', clean: false, username: 'jwt', password: token }
  const first = await connectClient(running.wsUrl, options)
  await first.subscribe(topics.replies('kept'), 1)
  await leave(running, first)
  await using back = await connectClient(running.wsUrl, options)
  expect((await back.request('account/me')).code).toBe(0)
  await client[Symbol.asyncDispose]()
})

test('nobody is signed in by a request whose token would be heard by nobody; the log says why', async () => {
  await using running = await startApp()
  const { client } = await registerUser(running, 'alice')
  const before = tokensOnRecord(running)
  await using guest = await connectClient(running.wsUrl)
  await guest.subscribe(topics.notifications(guest.id))
  guest.send('auth/signin', { id: '7', username: 'alice', password })
  const denied = JSON.parse((await guest.message(topics.notify(guest.id, 'denied'))).payload)
  expect(denied).toMatchObject({
    id: '7',
    code: 4003,
    rule: 'reply-unheard',
    topic: topics.request(guest.id, 'auth/signin'),
  })
  expect(logged(running, '"publish-refused"', '"reply-unheard"', topics.request(guest.id, 'auth/signin'))).toBe(true)
  expect(await heardBy(guest)).toHaveLength(1)
  expect((await guest.request('account/me')).code).toBe(4003)
  expect(tokensOnRecord(running)).toBe(before)
  await guest.subscribe(topics.replies(guest.id))
  expect((await guest.request('auth/signin', { username: 'alice', password })).code).toBe(0)
  await client[Symbol.asyncDispose]()
})

test('a device keeps its secret when an operator would not hear the new one', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await using operator = await connectOperator(running)
  await operator.mqtt.unsubscribeAsync(topics.replies(operator.id))
  operator.send('ops/device/reset', { deviceId: device.id })
  await operator.message(topics.notify(operator.id, 'denied'))
  const still = { clientId: device.id, username: device.id, password: device.secret }
  await using lamp = await connectClient(running.mqttUrl, still)
  expect(lamp.mqtt.connected).toBe(true)
})

test('no invitation is made for a client that left while its request waited', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({ env: wechat.env })
  const { client, token } = await ownerOf(running, 's1')
  const leaving = await connectWithToken(running.wsUrl, token, { clientId: 'leaving' })
  leaving.send('auth/login', { code: 'slow:nobody' })
  leaving.send('device/share', { deviceId: 's1', role: 'viewer' })
  await wechat.asked
  await leave(running, leaving)
  wechat.answer()
  await expect.poll(() => logged(running, '"publish-refused"', '"reply-unheard"', 'device/share')).toBe(true)
  expect(logged(running, '"device-shared"')).toBe(false)
  await client[Symbol.asyncDispose]()
})
