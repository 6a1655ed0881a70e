import { expect, test } from 'vitest'
import type { DataOf } from '../../../src/protocol/operations.ts'
import { connectGuest, type TestClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { connectRaw, exchange } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, leave, ownerOf, password } from '../../support/story.ts'

const metricsOf = async (operator: TestClient): Promise<DataOf<'ops/metrics'>> =>
  (await operator.request('ops/metrics')).data

const countOf = (metrics: DataOf<'ops/metrics'>, operation: string, code: number): number =>
  metrics.requests.find(one => one.operation === operation && one.code === code)?.count ?? 0

test('an operator sees who is connected, what is kept, and how often each answer was given', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  await using guest = await connectGuest(running.wsUrl)
  const sleeper = await addDevice(running, 'lamp', 'sleeper')
  await leave(running, await connectAsDevice(running, sleeper, { clean: false }))
  await using _device = await connectAsDevice(running, await addDevice(running, 'lamp', 'lamp-1'))
  await guest.request('auth/signin', { username: 'nobody', password })
  await guest.request('no/such')
  await guest.request('no/such/thing')

  const metrics = await metricsOf(operator)
  expect(metrics.connections).toEqual({ guest: 1, user: 0, operator: 1, device: 1, service: 0 })
  expect(metrics.storedSessions).toBe(1)
  expect(countOf(metrics, 'auth/signin', 1)).toBe(1)
  expect(countOf(metrics, 'unknown', 4004)).toBe(2)
  expect(metrics.startedAt).toBeLessThan(metrics.at)
  expect(metrics.memory.rss).toBeGreaterThan(metrics.memory.heapUsed)
  expect(metrics.eventLoopDelay.max).toBeGreaterThanOrEqual(metrics.eventLoopDelay.p50)
  expect(countOf(await metricsOf(operator), 'ops/metrics', 0)).toBe(1)
})

test('every PUBLISH is counted once in and once out, at any QoS, and so are bytes', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { client, device } = await ownerOf(running, 'd1')
  await using owner = client
  await using sensor = await connectAsDevice(running, device)
  await operator.request('ops/metrics')
  const before = await metricsOf(operator)
  await owner.subscribe('devices/d1/event/+', 2)
  for (const qos of [0, 1, 2] as const)
    for (const name of ['a', 'b', 'c']) await sensor.mqtt.publishAsync(`devices/d1/event/${name}`, `${qos}`, { qos })
  await Promise.all(
    [0, 1, 2].flatMap(qos =>
      ['a', 'b', 'c'].map(name => owner.message(`devices/d1/event/${name}`, ({ payload }) => payload === `${qos}`)),
    ),
  )
  const after = await metricsOf(operator)
  // Nine events; and one request and one reply of ops/metrics, which the numbers of its own answer do not hold.
  expect(after.messages.in - before.messages.in).toBe(9 + 1)
  expect(after.messages.out - before.messages.out).toBe(9 + 1)
  expect(after.bytes.in - before.bytes.in).toBeGreaterThan(9 * 'devices/d1/event/a'.length)
  expect(after.bytes.out - before.bytes.out).toBeGreaterThan(9 * 'devices/d1/event/a'.length)
})

test('refusals are counted by rule, and asking WeChat by what came of it', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  await using guest = await connectGuest(running.wsUrl)
  await guest.mqtt.publishAsync('devices/d1/set', '{}', { qos: 1 })
  await guest.mqtt.publishAsync('$SYS/x', '{}', { qos: 1 })
  expect(await guest.subscribe('devices/#')).toBe(128)
  await guest.request('auth/login', { code: 'sandbox:ann:1' })
  const metrics = await metricsOf(operator)
  expect(metrics.refusals).toEqual([
    { rule: 'no-rule', count: 2 },
    { rule: 'below-dollar', count: 1 },
  ])
  expect(metrics.wechat).toEqual({ calls: 1, errors: 0 })
})

test('messages at QoS 0 that a slow reader misses are counted', async () => {
  const limits = { bytesPerSecond: 1_073_741_824, messagesPerSecond: 1_000_000, maxBufferedBytes: 65_536 }
  await using running = await startApp({
    configure: config => ({ ...config, limits: { ...config.limits, ...limits } }),
  })
  await using operator = await connectOperator(running)
  const { client, device, token } = await ownerOf(running, 'd1')
  await using _owner = client
  const reader = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'slow', username: 'jwt', password: token })
  await exchange(reader, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/+/event/+', qos: 0 }] })
  reader.stopReading()
  await using sensor = await connectAsDevice(running, device)
  const flood = async () => {
    for (let i = 0; i < 50; i++) await sensor.mqtt.publishAsync('devices/d1/event/x', Buffer.alloc(60_000))
    return (await metricsOf(operator)).dropped
  }
  await expect.poll(flood).toBeGreaterThan(0)
  reader.close()
})

test('only operators are answered', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  expect((await guest.request('ops/metrics')).code).toBe(4003)
})
