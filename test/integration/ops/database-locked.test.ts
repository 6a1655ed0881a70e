import { join } from 'node:path'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { holdLock } from '../../support/abuse/hold-lock.ts'
import { connectClient, connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, leave, logged, ownerOf, password } from '../../support/story.ts'

const lockAccounts = ({ config }: RunningApp) => holdLock(join(config.dataDir, 'latchkey.db'), 'begin immediate')

test('while another process locks the accounts, requests that write are answered "database busy" after three seconds and everything else goes on', async () => {
  await using running = await startApp()
  const { client, device, token } = await ownerOf(running, 'sensor-1', 'thermostat')
  await using owner = client
  await using thermostat = await connectAsDevice(running, device)
  await thermostat.subscribe(topics.set('sensor-1'), 1)
  await owner.subscribe(topics.state('sensor-1'), 1)
  {
    await using _ = await lockAccounts(running)
    const startedAt = performance.now()
    const renaming = owner.request('device/rename', { deviceId: 'sensor-1', name: 'attic' })

    thermostat.mqtt.publish(topics.state('sensor-1'), '{"target":21}', { qos: 1 })
    await owner.message(topics.state('sensor-1'), ({ payload }) => payload.includes('21'))
    owner.mqtt.publish(topics.set('sensor-1'), '{"target":22}', { qos: 1 })
    await thermostat.message(topics.set('sensor-1'))
    await using another = await connectClient(running.mqttUrl, { clientId: 'more', username: 'jwt', password: token })
    expect(another.mqtt.connected).toBe(true)
    await using guest = await connectGuest(running.wsUrl)
    expect((await guest.request('auth/signin', { username: 'nobody', password })).code).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(2500)

    const reply = await renaming
    expect(reply).toMatchObject({ code: 5000, msg: 'internal error (database busy)', data: null })
    const waitedMs = performance.now() - startedAt
    expect(waitedMs).toBeGreaterThan(2900)
    expect(waitedMs).toBeLessThan(4500)
  }
  expect(logged(running, '"database-locked"', 'latchkey.db')).toBe(true)
  expect(logged(running, '"request-answered"', '"reason":"database busy"')).toBe(true)
  expect(logged(running, '"fault"', 'device/rename')).toBe(false)
  expect((await owner.request('device/rename', { deviceId: 'sensor-1', name: 'attic' })).code).toBe(0)
  await expect.poll(() => logged(running, '"database-free"')).toBe(true)
})

test('a token that was just refreshed is first used when that can be kept: until then CONNACK 3, and the one before it is as it was', async () => {
  await using running = await startApp()
  const { client, token } = await ownerOf(running, 'sensor-1', 'thermostat')
  await using owner = client
  const { data: next } = await owner.request('auth/refresh')
  const connect = (password: string) => connectClient(running.mqttUrl, { username: 'jwt', password })
  {
    await using _ = await lockAccounts(running)
    await expect(connect(next)).rejects.toMatchObject({ code: 3 })
    await (await connect(token))[Symbol.asyncDispose]()
  }
  expect(logged(running, '"connection-refused"', 'database-busy')).toBe(true)
  await (await connect(next))[Symbol.asyncDispose]()
  await expect(connect(token)).rejects.toMatchObject({ code: 5 })
})

test('a lock of a moment is not noticed but for the delay', async () => {
  await using running = await startApp()
  const lock = await lockAccounts(running)
  await using guest = await connectGuest(running.wsUrl)
  const registering = guest.request('auth/register', { username: 'ann', password, code: wechatCode('ann') })
  // What writes has met the lock when something that only reads, asked for later, is answered.
  await using other = await connectGuest(running.wsUrl)
  await other.request('auth/signin', { username: 'nobody', password })
  await lock.release()
  expect((await registering).code).toBe(0)
  expect(await running.admin.store.accounts.accountByUsername('ann')).toBeDefined()
})

test('what happens while the accounts are locked is on record afterwards: presence, history, audit trail', async () => {
  await using running = await startApp()
  const { client, device } = await ownerOf(running, 'sensor-1', 'thermostat')
  await using owner = client
  await using operator = await connectOperator(running)
  const { token } = await running.admin.tokens.issueForService('pipeline', [], 3600)
  const lock = await lockAccounts(running)
  const thermostat = await connectAsDevice(running, device)
  await using _service = await connectClient(running.mqttUrl, { clientId: 'p', username: 'jwt', password: token })
  await thermostat.mqtt.publishAsync(topics.state('sensor-1'), '{"target":23}', { qos: 1 })
  const writesMet = ['writing the audit trail', 'saving presences'].map(where =>
    expect.poll(() => logged(running, '"fault"', where), { timeout: 15_000 }).toBe(true),
  )
  await leave(running, thermostat)
  await Promise.all(writesMet)
  await lock.release()

  const { devices, history } = running.admin.store
  await expect.poll(async () => (await devices.presences()).get('sensor-1')?.online).toBe(false)
  const range = { fromMs: 0, toMs: 4_000_000_000_000, bucketMs: 4_000_000_000_000 }
  await expect
    .poll(async () => (await history.read({ deviceId: 'sensor-1', property: 'target', ...range })).buckets[0]?.last)
    .toBe(23)
  const { data } = await operator.request('ops/audit', { who: 'pipeline', limit: 10 })
  expect(data).toMatchObject({ entries: [{ kind: 'connected', by: 'service:pipeline' }] })
  expect(running.lines.filter(line => line.includes('writing the audit trail'))).toHaveLength(1)
  expect(running.lines.filter(line => line.includes('saving presences'))).toHaveLength(1)
  expect((await owner.request('device/list')).code).toBe(0)
})

test('a broker starts while another process locks the accounts, and devices that it finds online are offline when it is gone', async () => {
  await using first = await startApp()
  await addDevice(first, 'lamp', 'lamp-1')
  await first.admin.store.devices.savePresences(new Map([['lamp-1', { online: true, sinceMs: 1 }]]))
  await first.app.stop()
  const lock = await lockAccounts(first)
  await using second = await startApp({ dataDir: first.config.dataDir })
  await lock.release()
  await expect
    .poll(async () => (await second.admin.store.devices.presences()).get('lamp-1'))
    .toMatchObject({ online: false, reason: 'broker-restart' })
})
