import mqtt, { type IClientOptions, type IPublishPacket } from 'mqtt'
import { expect, test } from 'vitest'
import { startBroker } from '../../../support/start-broker.ts'

const user = { username: 'jwt', password: 'x' } as const

async function connect5(url: string, options: IClientOptions = {}) {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...user, ...options })
  const packets: IPublishPacket[] = []
  client.on('message', (_topic, _payload, packet) => void packets.push(packet))
  client.on('error', () => {})
  return { client, packets, [Symbol.asyncDispose]: () => client.endAsync(true) }
}

const arrived = (packets: readonly IPublishPacket[], count: number) => expect.poll(() => packets.length).toBe(count)
const state = 'devices/d1/event/x'
const device = { clientId: 'd1', username: 'd1', password: 'x' }

test.each([0, 1, 2] as const)('every property of a message reaches a reader of MQTT 5 at QoS %i', async qos => {
  await using broker = await startBroker()
  await using reader = await connect5(broker.url)
  await using sender = await connect5(broker.url, device)
  await reader.client.subscribeAsync(state, { qos })
  const properties = {
    payloadFormatIndicator: true,
    messageExpiryInterval: 100,
    contentType: 'application/json',
    responseTopic: 'app/answers',
    correlationData: Buffer.from([1, 0, 255]),
    userProperties: { a: ['1', '2'], b: '3' },
  }
  await sender.client.publishAsync(state, '{"x":"ü"}', { qos, properties })
  await arrived(reader.packets, 1)
  const [packet] = reader.packets
  expect(packet?.payload.toString()).toBe('{"x":"ü"}')
  expect(packet?.properties).toMatchObject(properties)
})

test('a reader of MQTT 3.1.1 gets a message without what is said of it, and one of MQTT 5 what has nothing', async () => {
  await using broker = await startBroker()
  await using old = await connect5(broker.url, { protocolVersion: 4 })
  await using reader = await connect5(broker.url)
  await using sender = await connect5(broker.url, device)
  await using oldSender = await connect5(broker.url, { ...device, clientId: 'd2', username: 'd2', protocolVersion: 4 })
  await old.client.subscribeAsync(state, { qos: 1 })
  await reader.client.subscribeAsync([state, 'devices/+/state'], { qos: 1 })
  await sender.client.publishAsync(state, 'x', { qos: 1, properties: { contentType: 'text/plain' } })
  await arrived(old.packets, 1)
  await arrived(reader.packets, 1)
  expect(old.packets[0]).toMatchObject({ topic: state, payload: Buffer.from('x') })
  expect(old.packets[0]?.properties).toBeUndefined()
  await oldSender.client.endAsync()
})

test('what is queued, retained and left as a will keeps its properties', async () => {
  await using broker = await startBroker()
  const stored = { clientId: 'away', clean: false, properties: { sessionExpiryInterval: 100 } }
  const properties = { contentType: 'a/b', correlationData: Buffer.from('c'), userProperties: { a: '1' } }
  const first = await connect5(broker.url, stored)
  await first.client.subscribeAsync(state, { qos: 1 })
  await first.client.endAsync()
  await using sender = await connect5(broker.url, device)
  await sender.client.publishAsync(state, 'queued', { qos: 1, properties })
  const will = { topic: state, payload: Buffer.from('will'), qos: 1 as const, retain: false, properties }
  const dying = await connect5(broker.url, { clientId: 'd1b', username: 'd1', password: 'x' }).catch(() => undefined)
  await dying?.client.endAsync(true)
  await using leaver = await connect5(broker.url, { ...device, will })
  leaver.client.stream.destroy()
  await using again = await connect5(broker.url, stored)
  await arrived(again.packets, 2)
  expect(again.packets.map(({ payload }) => String(payload))).toEqual(['queued', 'will'])
  for (const packet of again.packets) expect(packet.properties).toMatchObject(properties)
})

test('a reader is told all identifiers of its subscriptions that match, live, queued and retained', async () => {
  await using broker = await startBroker()
  const options = { clientId: 'ids', clean: false, properties: { sessionExpiryInterval: 100 } }
  const reader = await connect5(broker.url, options)
  await reader.client.subscribeAsync('devices/d1/event/+', { qos: 1, properties: { subscriptionIdentifier: 7 } })
  await reader.client.subscribeAsync('devices/d1/+/x', { qos: 1, properties: { subscriptionIdentifier: 300 } })
  await using sender = await connect5(broker.url, device)
  for (const qos of [0, 1] as const) await sender.client.publishAsync(state, 'live', { qos })
  await arrived(reader.packets, 2)
  await reader.client.endAsync()
  await sender.client.publishAsync(state, 'queued', { qos: 1 })
  await using again = await connect5(broker.url, options)
  await arrived(again.packets, 1)
  for (const packet of [...reader.packets, ...again.packets])
    expect([packet.properties?.subscriptionIdentifier].flat().sort()).toEqual([300, 7])
})

test('a message whose time is over is delivered to nobody who comes later, and what is left of it is told', async () => {
  await using broker = await startBroker()
  const options = { clientId: 'late', clean: false, properties: { sessionExpiryInterval: 100 } }
  const reader = await connect5(broker.url, options)
  await reader.client.subscribeAsync(state, { qos: 1 })
  await reader.client.endAsync()
  await using sender = await connect5(broker.url, device)
  await sender.client.publishAsync(state, 'short', { qos: 1, properties: { messageExpiryInterval: 1 } })
  await sender.client.publishAsync(state, 'long', { qos: 1, properties: { messageExpiryInterval: 1000 } })
  const startedAtMs = Date.now()
  await expect.poll(() => Date.now() - startedAtMs, { timeout: 5000 }).toBeGreaterThan(1100)
  await using again = await connect5(broker.url, options)
  await arrived(again.packets, 1)
  expect(String(again.packets[0]?.payload)).toBe('long')
  expect(again.packets[0]?.properties?.messageExpiryInterval).toBeLessThan(1000)
  expect(again.packets[0]?.properties?.messageExpiryInterval).toBeGreaterThan(900)
})

const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
const token = { id: 't', expiresAtMs: Date.now() + 3_600_000 }
const service = { authenticate: async () => ({ kind: 'service' as const, name: 's', acl, token }) }

test('what is retained is sent until its time is over, with what is left of that time', async () => {
  await using broker = await startBroker({ authenticator: service })
  await using sender = await connect5(broker.url)
  const retained = (seconds: number) => ({
    qos: 1 as const,
    retain: true,
    properties: { messageExpiryInterval: seconds, contentType: 'a/b' },
  })
  await sender.client.publishAsync('app/short', 'x', retained(1))
  await sender.client.publishAsync('app/long', 'x', retained(1000))
  await using early = await connect5(broker.url)
  await early.client.subscribeAsync('app/+', { qos: 1 })
  await arrived(early.packets, 2)
  for (const { properties } of early.packets) expect(properties).toMatchObject({ contentType: 'a/b' })
  const sentAtMs = Date.now()
  await expect.poll(() => Date.now() - sentAtMs, { timeout: 5000 }).toBeGreaterThan(1100)
  await using late = await connect5(broker.url)
  await late.client.subscribeAsync('app/#', { qos: 1 })
  await arrived(late.packets, 1)
  await sender.client.publishAsync('app/end', 'end', { qos: 1 })
  await arrived(late.packets, 2)
  expect(late.packets.map(({ topic }) => topic)).toEqual(['app/long', 'app/end'])
  expect(late.packets[0]?.properties?.messageExpiryInterval).toBeLessThan(1000)
})
