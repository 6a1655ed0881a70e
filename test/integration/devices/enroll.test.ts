import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectDevice } from '../../../devices/sdk/connect-device.ts'
import { type EnrollmentRefused, type EnrollOptions, enroll } from '../../../devices/sdk/enroll.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { connectClient, connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { logged, password, registerUser } from '../../support/story.ts'

/** What a factory of lamps puts on device `serial`. */
async function factory(running: RunningApp, serial = 'A1'): Promise<EnrollOptions> {
  const product = await running.admin.products.enable('lamp')
  if (product === 'unknown-type') throw new Error(product)
  return { url: running.mqttUrl, type: 'lamp', serial, productSecret: product.secret }
}

test('a device enrolls, connects with what it got, reports, and is claimed', async () => {
  await using running = await startApp()
  const { deviceId, secret, claimCode } = await enroll(await factory(running))
  expect(deviceId).toBe('lamp-A1')
  await using watcher = await connectGuest(running.wsUrl)
  await using guest = await connectGuest(running.wsUrl, { clientId: deviceId })
  const code = wechatCode('nobody')
  expect((await guest.request('auth/register', { username: 'nobody', password, code })).code).toBe(1009) // its id is reserved at once

  const device = connectDevice({ url: running.mqttUrl, id: deviceId, secret })
  onTestFinished(() => device.close())
  device.onSet(wanted => wanted)
  device.report({ on: true })
  await expect.poll(() => logged(running, '"device-online"', deviceId)).toBe(true)

  const { client } = await registerUser(running, 'ann')
  await using ann = client
  expect(await ann.request('device/claim', { deviceId, code: claimCode })).toMatchObject({
    code: 0,
    data: { type: 'lamp', online: true },
  })
  await ann.subscribe('devices/+/state')
  await ann.subscribe('devices/+/presence')
  await ann.message(topics.state(deviceId), ({ payload }) => JSON.parse(payload).on === true)
  await ann.message(topics.presence(deviceId), ({ payload }) => JSON.parse(payload).online === true)
  ann.mqtt.publish(topics.set(deviceId), '{"id":"1","on":false}')
  await ann.message(topics.state(deviceId), ({ payload }) => JSON.parse(payload).on === false)
  expect(watcher.received).toEqual([])
})

test('a new device is there for operators before it ever connects: offline, never seen', async () => {
  await using running = await startApp()
  await enroll(await factory(running))
  const { client } = await registerUser(running, 'ann')
  await using ann = client
  await running.admin.store.devices.claim('lamp-A1', await userIdOf(running, 'ann'))
  expect((await ann.request('device/list')).data).toMatchObject([{ id: 'lamp-A1', online: false, since: 0 }])
})

const userIdOf = async (running: RunningApp, name: string) =>
  (await running.admin.store.accounts.accountByUsername(name))?.id ?? ''

test('a second enrollment is 2007 until an operator resets the device; then the session of the old secret ends', async () => {
  await using running = await startApp()
  const factoryData = await factory(running)
  const connect = (secret: string) =>
    connectClient(running.mqttUrl, { clientId: 'lamp-A1', username: 'lamp-A1', password: secret })
  await using first = await connect((await enroll(factoryData)).secret)
  const refused = await enroll(factoryData).catch((error: EnrollmentRefused) => error)
  expect(refused).toMatchObject({ code: 2007, message: expect.stringContaining('an operator must reset it') })

  const reset = await running.admin.provisioning.resetDevice('lamp-A1')
  if (reset === 'unknown') throw new Error(reset)
  await first.closed() // the broker has seen the operator's change: what ends the next session is the enrollment alone
  await using old = await connect(reset.secret)
  const { secret } = await enroll({ ...factoryData, now: () => Date.now() + 5000 })
  await old.closed()
  await using lamp = await connect(secret)
  expect(lamp.mqtt.connected).toBe(true)
})

test('refusals come with their code and words', async () => {
  await using running = await startApp()
  const factoryData = await factory(running)
  await expect(enroll({ ...factoryData, productSecret: 'wrong' })).rejects.toMatchObject({ code: 4003 })
  await expect(enroll({ ...factoryData, now: () => Date.now() - 600_000 })).rejects.toMatchObject({
    code: 4003,
    message: expect.stringMatching(/the device's clock is (599|60\d) s behind/),
  })
  await expect(enroll({ ...factoryData, serial: 'a/b' })).rejects.toMatchObject({
    code: 4000,
    message: expect.stringContaining('serial'),
  })
})

test('only guests enroll', async () => {
  await using running = await startApp()
  const { client } = await registerUser(running, 'ann')
  await using ann = client
  const request = { type: 'lamp', serial: '1', timestamp: 1, signature: '0'.repeat(64) }
  expect((await ann.request('device/enroll', request)).code).toBe(4003)
})

test.each([
  ['type', 'la/mp'],
  ['type', `${'t'.repeat(33)}`],
  ['serial', ''],
  ['serial', 's'.repeat(32)],
  ['serial', 'a\nb'],
  ['serial', 7],
  ['timestamp', 1.5],
  ['timestamp', -1],
  ['timestamp', '1700000000'],
  ['signature', 'A'.repeat(64)],
  ['signature', '0'.repeat(63)],
])('a malformed %s, %j, is 4000 and named', async (field, value) => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  const request = { type: 'lamp', serial: '1', timestamp: 1, signature: '0'.repeat(64), [field]: value }
  expect(await guest.request('device/enroll', request)).toMatchObject({
    code: 4000,
    msg: expect.stringContaining(field),
  })
})

test('the SDK says so when the broker closes the connection, and when there is no broker', async () => {
  const server = createServer(socket => void socket.once('data', () => socket.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const facts = { url: `mqtt://127.0.0.1:${port}`, type: 'lamp', serial: '1', productSecret: 'x' }
  await expect(enroll(facts)).rejects.toThrow('closed before the broker answered')
  await new Promise(resolve => void server.close(resolve))
  await expect(enroll(facts)).rejects.toThrow()
})
