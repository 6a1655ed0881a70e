import mqtt, { type IClientOptions, type IPublishPacket } from 'mqtt'
import { generate, type Packet, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { openTcp } from '../../../support/raw-client.ts'
import { startBroker } from '../../../support/start-broker.ts'

const user = { username: 'jwt', password: 'x' } as const
const asDevice = { clientId: 'd1', username: 'd1', password: 'x' } as const
const topic = 'devices/d1/event/x'

async function connect5(url: string, options: IClientOptions = {}) {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...user, ...options })
  const packets: IPublishPacket[] = []
  client.on('message', (_topic, _payload, packet) => void packets.push(packet))
  client.on('error', () => {})
  return { client, packets, [Symbol.asyncDispose]: () => client.endAsync(true) }
}

/** A connection of MQTT 5 that answers nothing by itself. */
async function openRaw(port: number, connect: { properties?: object; clean?: boolean; clientId?: string } = {}) {
  const raw = await openTcp(port)
  const packets: Packet[] = []
  const reading = parser({ protocolVersion: 5 })
  reading.on('packet', packet => void packets.push(packet))
  raw.onBytes(bytes => void reading.parse(bytes))
  const send = (packet: Packet) => raw.send(generate(packet, { protocolVersion: 5 }))
  const as = { clientId: 'raw', clean: true, keepalive: 0, ...connect, username: 'jwt', password: Buffer.from('x') }
  send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, ...as })
  await expect.poll(() => packets.length).toBeGreaterThan(0)
  const published = () => packets.filter(packet => packet.cmd === 'publish')
  return { ...raw, send, packets, published }
}

const subscribe = (qos: 0 | 1 | 2, filter = topic): Packet => ({
  cmd: 'subscribe',
  messageId: 9,
  subscriptions: [{ topic: filter, qos }],
})

test('a client that takes one message at a time is sent queued, live and retained ones one by one, and all of them', async () => {
  await using broker = await startBroker()
  const stored = { clientId: 'slow', clean: false, properties: { sessionExpiryInterval: 100, receiveMaximum: 1 } }
  const first = await openRaw(broker.port, stored)
  first.send(subscribe(2, 'devices/d1/#'))
  await expect.poll(() => first.packets.at(-1)?.cmd).toBe('suback')
  first.send({ cmd: 'disconnect' })
  await first.closed
  await using sender = await connect5(broker.url, asDevice)
  const qosOf = (index: number) => (index % 2 === 0 ? 1 : 2)
  for (let index = 0; index < 6; index++) await sender.client.publishAsync(topic, String(index), { qos: qosOf(index) })
  await sender.client.publishAsync('devices/d1/state', '6', { qos: 1, retain: true })
  const again = await openRaw(broker.port, stored)
  for (let index = 0; index < 7; index++) {
    await expect.poll(() => again.published().length).toBe(index + 1)
    again.send({ cmd: 'pingreq' }) // what was to come with it has come before its answer
    await expect.poll(() => again.packets.filter(({ cmd }) => cmd === 'pingresp').length).toBe(index + 1)
    const last = again.published().at(-1)
    if (last?.cmd !== 'publish') throw new Error('not a PUBLISH')
    expect([again.published().length, String(last.payload)]).toEqual([index + 1, String(index)])
    const { messageId = 0 } = last
    if (last.qos === 1) again.send({ cmd: 'puback', messageId })
    else {
      again.send({ cmd: 'pubrec', messageId })
      await expect.poll(() => again.packets.at(-1)?.cmd).toBe('pubrel')
      again.send({ cmd: 'pubcomp', messageId })
    }
  }
  again.close()
})

test('what is larger than a client takes counts as delivered, and what follows it still comes', async () => {
  await using broker = await startBroker()
  const stored = { clientId: 'small', clean: false, properties: { sessionExpiryInterval: 100, maximumPacketSize: 40 } }
  const first = await connect5(broker.url, stored)
  await first.client.subscribeAsync([topic, 'devices/d1/state'], { qos: 1 })
  await first.client.endAsync()
  await using sender = await connect5(broker.url, asDevice)
  await sender.client.publishAsync('devices/d1/state', 'x'.repeat(100), { qos: 1, retain: true })
  for (const payload of ['1', 'x'.repeat(100), '2']) await sender.client.publishAsync(topic, payload, { qos: 1 })
  const second = await connect5(broker.url, stored)
  const heard = ({ packets }: typeof second) => packets.map(({ payload }) => String(payload))
  await expect.poll(() => heard(second)).toEqual(['1', '2'])
  await second.client.subscribeAsync('devices/d1/+', { qos: 1 }) // which is retained, and too large
  await sender.client.publishAsync(topic, 'x'.repeat(100), { qos: 0 })
  await sender.client.publishAsync(topic, '3', { qos: 0 })
  await expect.poll(() => heard(second)).toEqual(['1', '2', '3'])
  await second.client.endAsync()
  await using larger = await connect5(broker.url, { ...stored, properties: { sessionExpiryInterval: 100 } })
  await sender.client.publishAsync(topic, '4', { qos: 1 })
  await expect.poll(() => heard(larger)).toEqual(['4'])
  expect(broker.faults).toEqual([])
})

test('the first and the last numbers are taken: of identifiers, expiry of messages and of sessions', async () => {
  await using broker = await startBroker()
  const stored = { clientId: 'edge', clean: false, properties: { sessionExpiryInterval: 0xffff_ffff } }
  const reader = await connect5(broker.url, stored)
  await reader.client.subscribeAsync(topic, { qos: 1, properties: { subscriptionIdentifier: 268_435_455 } })
  await using sender = await connect5(broker.url, asDevice)
  const publish = (payload: string, messageExpiryInterval: number) =>
    sender.client.publishAsync(topic, payload, { qos: 1, properties: { messageExpiryInterval } })
  await publish('live', 4_294_967_295)
  await expect.poll(() => reader.packets.length).toBe(1)
  expect(reader.packets[0]?.properties?.subscriptionIdentifier).toBe(268_435_455)
  expect(reader.packets[0]?.properties?.messageExpiryInterval).toBeGreaterThan(4_294_967_290)
  await reader.client.endAsync()
  await publish('over at once', 0)
  await publish('for ever', 4_294_967_295)
  await using again = await connect5(broker.url, stored)
  await expect.poll(() => again.packets.map(({ payload }) => String(payload))).toEqual(['for ever'])
})

test('a storm of aliases renames without end, and each message goes to the topic that its alias has then', async () => {
  await using broker = await startBroker()
  await using reader = await connect5(broker.url)
  await reader.client.subscribeAsync('devices/d1/event/+')
  const sender = await openTcp(broker.port)
  const send = (packet: Packet) => sender.send(generate(packet, { protocolVersion: 5 }))
  const as = { clientId: 'd1', username: 'd1', password: Buffer.from('x'), clean: true, keepalive: 0 }
  send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, ...as })
  const rounds = 2000
  const flags = { cmd: 'publish', qos: 0, retain: false, dup: false } as const
  for (let round = 0; round < rounds; round++) {
    const topicAlias = 1 + (round % 16)
    send({ ...flags, topic: `devices/d1/event/n${round}`, payload: 'named', properties: { topicAlias } })
    send({ ...flags, topic: '', payload: `n${round}`, properties: { topicAlias } })
  }
  await expect.poll(() => reader.packets.length).toBe(2 * rounds)
  for (const { topic: heard, payload } of reader.packets)
    if (String(payload) !== 'named') expect(heard).toBe(`devices/d1/event/${payload}`)
  sender.close()
})

test('text that is none goes nowhere at QoS 0, and its sender stays', async () => {
  await using broker = await startBroker()
  await using reader = await connect5(broker.url)
  await reader.client.subscribeAsync(topic)
  await using sender = await connect5(broker.url, asDevice)
  const properties = { payloadFormatIndicator: true }
  sender.client.publish(topic, Buffer.of(0xc3, 0x28), { properties })
  sender.client.publish(topic, 'ü', { properties })
  await expect.poll(() => reader.packets.length).toBe(1)
  expect(String(reader.packets[0]?.payload)).toBe('ü')
  expect(sender.client.connected).toBe(true)
})

test('a will has every property that a message can have', async () => {
  await using broker = await startBroker()
  await using reader = await connect5(broker.url)
  await reader.client.subscribeAsync(topic, { qos: 1 })
  const properties = {
    willDelayInterval: 0,
    payloadFormatIndicator: true,
    messageExpiryInterval: 100,
    contentType: 'text/plain',
    responseTopic: 'app/answers',
    correlationData: Buffer.of(0, 255),
    userProperties: { a: ['1', '2'] },
  }
  const will = { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties }
  const dying = await connect5(broker.url, { ...asDevice, will })
  dying.client.stream.destroy()
  await expect.poll(() => reader.packets.length).toBe(1)
  const { willDelayInterval: _, ...told } = properties
  expect(reader.packets[0]?.properties).toMatchObject(told)
})

test('64 KiB of user properties end a connection before they are work', async () => {
  await using broker = await startBroker()
  const reasons: string[] = []
  broker.events.on('session-closed', ({ reason }) => void reasons.push(reason))
  const raw = await openRaw(broker.port)
  const a = Array.from({ length: 9000 }, () => '')
  raw.send({
    cmd: 'publish',
    qos: 0,
    retain: false,
    dup: false,
    topic,
    payload: '',
    properties: { userProperties: { a } },
  })
  await raw.closed
  await expect.poll(() => reasons).toEqual(['protocol-violation: PUBLISH too many user properties'])
  expect(raw.packets.at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x97 })
})
