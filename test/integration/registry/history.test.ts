import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import type { TestClient, TestReply } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, logged, ownerOf, registerUser } from '../../support/story.ts'

type HistoryReply = Omit<TestReply, 'data'> & {
  data: { samples: { at: number; min: number; max: number; avg: number; last: number }[]; before?: number }
}

const hourMs = 3_600_000

const historyOf = (client: TestClient, deviceId: string, property: string, more: object = {}): Promise<HistoryReply> =>
  client.request('device/history', {
    deviceId,
    property,
    from: Date.now() - hourMs,
    to: Date.now() + hourMs,
    points: 1,
    ...more,
  })

test('a sensor reports; its owner and a viewer see what it was, a stranger does not', async () => {
  await using running = await startApp()
  const { device, client: owner } = await ownerOf(running, 'sensor-1')
  const { client: viewer, userId } = await registerUser(running, 'vera')
  const { client: stranger } = await registerUser(running, 'eve')
  const sqlite = new Database(join(running.config.dataDir, 'latchkey.db'))
  sqlite.prepare('insert into member values (?, ?, ?, 0)').run('sensor-1', userId, 'viewer')
  sqlite.close()

  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"temperature":21.5,"battery":80}', { qos: 1 })
  const samples = [{ at: expect.any(Number), min: 21.5, max: 21.5, avg: 21.5, last: 21.5 }]
  await expect.poll(async () => (await historyOf(viewer, 'sensor-1', 'temperature')).data.samples).toEqual(samples)
  expect((await historyOf(owner, 'sensor-1', 'battery')).data.samples).toMatchObject([{ last: 80 }])
  const later = { from: Date.now() + 1000 }
  expect((await historyOf(owner, 'sensor-1', 'battery', later)).data).toEqual({ samples: [], before: 80 })

  expect(await historyOf(stranger, 'sensor-1', 'temperature')).toMatchObject({ code: 2001, data: null })
  expect(await historyOf(owner, 'sensor-1', 'colour')).toMatchObject({
    code: 4000,
    msg: expect.stringContaining('property'),
  })
  expect(await historyOf(owner, 'sensor-1', 'battery', { points: 501 })).toMatchObject({ code: 4000 })
  await Promise.all([owner, viewer, stranger].map(client => client[Symbol.asyncDispose]()))
})

test('the last value is not lost by stopping within the interval', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-history-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  {
    await using running = await startApp({ dataDir })
    const { device, client } = await ownerOf(running, 'sensor-1')
    await using sensor = await connectAsDevice(running, device)
    await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"battery":80}', { qos: 1 })
    await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"battery":79}', { qos: 1 })
    await client[Symbol.asyncDispose]()
  }
  await using again = await startApp({ dataDir })
  const question = { deviceId: 'sensor-1', property: 'battery', fromMs: 0, toMs: Date.now() + hourMs, bucketMs: 1e14 }
  expect((await again.admin.store.history.read(question)).buckets).toMatchObject([{ last: 79 }])
})

test('a user who claims a device after its release sees nothing of the time before', async () => {
  await using running = await startApp()
  const { device, client: owner } = await ownerOf(running, 'sensor-1')
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"battery":80}', { qos: 1 })
  await expect.poll(async () => (await historyOf(owner, 'sensor-1', 'battery')).data.samples).toHaveLength(1)
  // Held back when the device is released: it is not to come up later.
  await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"battery":79,"humidity":50}', { qos: 1 })
  expect(await owner.request('device/release', { deviceId: 'sensor-1' })).toMatchObject({ code: 0 })
  expect(await historyOf(owner, 'sensor-1', 'battery')).toMatchObject({ code: 2001 })
  const reset = await running.admin.provisioning.resetDevice('sensor-1')
  const { client: next } = await registerUser(running, 'next')
  const code = reset === 'unknown' ? '' : reset.claimCode
  expect(await next.request('device/claim', { deviceId: 'sensor-1', code })).toMatchObject({ code: 0 })
  expect((await historyOf(next, 'sensor-1', 'battery', { from: 0 })).data).toEqual({ samples: [] })

  await running.app.stop()
  const question = { deviceId: 'sensor-1', fromMs: 0, toMs: Date.now() + hourMs, bucketMs: 1e14 }
  for (const property of ['battery', 'humidity'])
    expect(await running.admin.store.history.read({ ...question, property })).toEqual({ buckets: [] })
})

test('while the database is locked history waits, messages do not, and the log says why; then it is written', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'sensor', 'sensor-1')
  await using sensor = await connectAsDevice(running, device)
  const { history } = running.admin.store
  const other = new Database(join(running.config.dataDir, 'latchkey.db'))
  onTestFinished(() => void other.close())
  other.exec('begin immediate')
  await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"battery":80}', { qos: 1 })
  await expect.poll(() => logged(running, 'writing history', 'locked')).toBe(true)
  other.exec('rollback')
  const question = { deviceId: 'sensor-1', property: 'battery', fromMs: 0, toMs: Date.now() + hourMs, bucketMs: 1e14 }
  await expect.poll(async () => (await history.read(question)).buckets).toHaveLength(1)
})

test('nothing is recorded when history is not enabled', async () => {
  await using running = await startApp({
    configure: config => ({ ...config, history: { ...config.history, enabled: false } }),
  })
  const device = await addDevice(running, 'sensor', 'sensor-1')
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync(topics.state('sensor-1'), '{"battery":80}', { qos: 1 })
  await running.app.stop()
  expect(await running.admin.store.history.recordedDevices('', 10)).toEqual([])
})

test('what a plug used is told by the edges that are asked, and after a reset nothing negative; a stranger is told nothing', async () => {
  const configure = (config: Config): Config => ({ ...config, history: { ...config.history, minIntervalSeconds: 1 } })
  await using running = await startApp({ configure })
  const { device, client } = await ownerOf(running, 'plug-1', 'plug')
  await using owner = client
  const { client: stranger } = await registerUser(running, 'eve')
  await using eve = stranger
  await using plug = await connectAsDevice(running, device)
  const recorded = async (energy: number) => {
    await plug.mqtt.publishAsync(topics.state('plug-1'), JSON.stringify({ energy }), { qos: 1 })
    const now = { points: 1, from: Date.now() - hourMs }
    await expect
      .poll(async () => (await historyOf(owner, 'plug-1', 'energy', now)).data?.samples[0]?.last, { interval: 400 })
      .toBe(energy)
  }
  for (const energy of [10, 10.5, 0, 0.25]) await recorded(energy)
  const edges = [Date.now() - hourMs, Date.now() + 1000, Date.now() + hourMs]
  const asked = { deviceId: 'plug-1', property: 'energy', edges }
  expect(await owner.request('device/usage', asked)).toMatchObject({ code: 0, data: { amounts: [0.75, 0] } })
  expect(await eve.request('device/usage', asked)).toMatchObject({ code: 2001, data: null })

  const { data } = await owner.request('account/history', {})
  expect(data).toEqual({
    days: [expect.objectContaining({ deviceId: 'plug-1', property: 'energy', min: 0, max: 10.5, rise: 0.75 })],
  })
  expect(await eve.request('account/history', {})).toMatchObject({ code: 0, data: { days: [] } })
})
