import mqtt, { type IClientOptions, type IConnackPacket, type IPublishPacket, type Packet } from 'mqtt'
import { expect, test } from 'vitest'
import type { ServicePrincipal } from '../../../../src/domain/principal.ts'
import { createMemoryStore } from '../../../support/in-memory.ts'
import { ownerOfD1, startBroker } from '../../../support/start-broker.ts'

const service: ServicePrincipal = {
  kind: 'service',
  name: 's',
  acl: [
    { action: 'subscribe', permission: 'deny', topic: 'app/secret' },
    { action: 'all', permission: 'allow', topic: 'app/#' },
  ],
  token: { id: 't', expiresAtMs: Date.now() + 3_600_000 },
}

/** Whoever comes as `user` is one; anybody else the service. */
const start = (store = createMemoryStore()) =>
  startBroker({
    store,
    authenticator: {
      authenticate: async ({ username }) => (username === 'user' ? ownerOfD1() : service),
      restore: async principal => (principal.kind === 'service' ? service : principal),
    },
  })

const stored = { clean: false, properties: { sessionExpiryInterval: 100 } } as const
const shared = '$share/workers/app/jobs/+'
const job = 'app/jobs/1'

async function connect(url: string, clientId: string, options: IClientOptions = {}) {
  const client = mqtt.connect(url, {
    clientId,
    protocolVersion: 5,
    reconnectPeriod: 0,
    username: 'jwt',
    password: 'x',
    ...options,
  })
  client.on('error', () => {})
  const packets: IPublishPacket[] = []
  const answers: Packet[] = []
  client.on('message', (_topic, _payload, packet) => void packets.push(packet))
  client.on('packetreceive', packet => {
    if (packet.cmd === 'suback' || packet.cmd === 'puback') answers.push(packet)
  })
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('connect', resolve)
    client.once('close', () => reject(new Error('closed')))
  })
  return {
    client,
    connack,
    packets,
    answers,
    texts: () => packets.map(({ payload }) => payload.toString()),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  }
}

type Connected = Awaited<ReturnType<typeof connect>>

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => String(from + at))
const together = (...members: Connected[]) => members.flatMap(one => one.texts())
const sorted = (texts: readonly string[]) => texts.toSorted((one, other) => Number(one) - Number(other))
const haveAll = (texts: readonly string[], ...members: Connected[]) =>
  expect.poll(() => sorted(together(...members))).toEqual(texts)
const left = ({ client }: Connected) => client.endAsync()

async function publish({ client }: Connected, texts: readonly string[], qos: 0 | 1 | 2 = 1, topic = job) {
  for (const text of texts) await client.publishAsync(topic, text, { qos })
}

test.each([0, 1, 2] as const)(
  'three members of a group share its messages fairly and in order, at QoS %i',
  async qos => {
    await using broker = await start()
    await using sender = await connect(broker.url, 'sender')
    await using one = await connect(broker.url, 'one')
    await using two = await connect(broker.url, 'two')
    await using three = await connect(broker.url, 'three')
    await using other = await connect(broker.url, 'other')
    await using plain = await connect(broker.url, 'plain')
    for (const { client } of [one, two, three]) await client.subscribeAsync(shared, { qos })
    await other.client.subscribeAsync('$share/others/app/jobs/#', { qos })
    await plain.client.subscribeAsync('app/jobs/#', { qos })
    const texts = numbers(0, 30)
    await publish(sender, texts, qos)
    await haveAll(texts, one, two, three)
    await expect.poll(other.texts).toEqual(texts)
    await expect.poll(plain.texts).toEqual(texts)
    for (const member of [one, two, three]) {
      expect(member.packets).toHaveLength(10)
      expect(member.texts()).toEqual(sorted(member.texts()))
    }
  },
)

test('each member gets a message with the options of its own subscription', async () => {
  await using broker = await start()
  await using sender = await connect(broker.url, 'sender')
  await using one = await connect(broker.url, 'one')
  await using two = await connect(broker.url, 'two', stored)
  await one.client.subscribeAsync(shared, { qos: 0, rap: true, properties: { subscriptionIdentifier: 7 } })
  await two.client.subscribeAsync(shared, { qos: 2, properties: { subscriptionIdentifier: 8 } })
  await two.client.subscribeAsync('app/jobs/#', { qos: 1, properties: { subscriptionIdentifier: 9 } })
  for (const text of ['0', '1']) await sender.client.publishAsync(job, text, { qos: 2, retain: true })
  await expect.poll(() => two.packets.length).toBe(3)
  await expect.poll(() => one.packets.length).toBe(1)
  expect(one.packets[0]).toMatchObject({ qos: 0, retain: true, properties: { subscriptionIdentifier: 7 } })
  const byShare = two.packets.filter(({ properties }) => properties?.subscriptionIdentifier === 8)
  expect(byShare).toMatchObject([{ qos: 2, retain: false }])
})

test('a member that is away is passed over, and gets its share again when it is back', async () => {
  await using broker = await start()
  await using sender = await connect(broker.url, 'sender')
  await using one = await connect(broker.url, 'one')
  const away = await connect(broker.url, 'two', stored)
  for (const { client } of [one, away]) await client.subscribeAsync(shared, { qos: 1 })
  await left(away)
  await expect.poll(() => broker.broker.connectedClients()).toBe(2)
  await publish(sender, numbers(0, 10))
  await expect.poll(one.texts).toEqual(numbers(0, 10))
  await using back = await connect(broker.url, 'two', stored)
  await publish(sender, numbers(10, 20))
  await haveAll(numbers(0, 20), one, back)
  expect(back.packets.length).toBeGreaterThan(2)
})

test('when all are away, what comes waits for those whose sessions are stored, with the options of the subscription, also through a restart', async () => {
  const store = createMemoryStore()
  {
    await using broker = await start(store)
    await using sender = await connect(broker.url, 'sender')
    const clean = await connect(broker.url, 'clean')
    await clean.client.subscribeAsync(shared, { qos: 1 })
    for (const clientId of ['one', 'two']) {
      const away = await connect(broker.url, clientId, stored)
      await away.client.subscribeAsync(shared, { qos: 1, properties: { subscriptionIdentifier: 5 } })
      await left(away)
    }
    await left(clean)
    await expect.poll(() => broker.broker.connectedClients()).toBe(1)
    await publish(sender, numbers(0, 6), 2)
    await publish(sender, ['not kept'], 0)
  }
  await using broker = await start(store)
  await using one = await connect(broker.url, 'one', stored)
  await using two = await connect(broker.url, 'two', stored)
  await haveAll(numbers(0, 6), one, two)
  for (const { packets } of [one, two])
    expect(packets).toMatchObject(
      Array.from({ length: 3 }, () => ({ qos: 1, properties: { subscriptionIdentifier: 5 } })),
    )
  await using sender = await connect(broker.url, 'sender')
  await publish(sender, numbers(6, 10))
  await haveAll(numbers(0, 10), one, two)
  expect([one.packets.length, two.packets.length]).toEqual([5, 5])
})

test('who unsubscribes is no member any more', async () => {
  await using broker = await start()
  await using sender = await connect(broker.url, 'sender')
  await using one = await connect(broker.url, 'one')
  await using two = await connect(broker.url, 'two', stored)
  for (const { client } of [one, two]) await client.subscribeAsync(shared, { qos: 1 })
  await two.client.unsubscribeAsync(shared)
  await publish(sender, numbers(0, 4))
  await expect.poll(one.texts).toEqual(numbers(0, 4))
  await one.client.unsubscribeAsync(shared)
  await publish(sender, ['nobody'])
  expect(sender.answers.at(-1)).toMatchObject({ cmd: 'puback', reasonCode: 0x10 })
  expect(two.packets).toEqual([])
})

test('only services share subscriptions, of what they may read, and of groups with a proper name', async () => {
  await using broker = await start()
  const refused: string[] = []
  broker.events.on('subscribe-refused', ({ rule }) => refused.push(rule))
  await using user = await connect(broker.url, 'user', { username: 'user' })
  await using old = await connect(broker.url, 'old', { username: 'user', protocolVersion: 4 })
  await using one = await connect(broker.url, 'one')
  expect(user.connack.properties?.sharedSubscriptionAvailable).toBe(false)
  expect(one.connack.properties?.sharedSubscriptionAvailable).toBeUndefined()
  await user.client.subscribeAsync('$share/g/devices/d1/state').catch(() => {})
  await old.client.subscribeAsync('$share/g/devices/d1/state').catch(() => {})
  const filters = [
    shared,
    '$share/g/app/secret',
    '$share/g/app/#',
    '$share/g/elsewhere/#',
    '$share/g',
    '$share/+/app/a',
  ]
  await one.client.subscribeAsync(filters, { qos: 1 }).catch(() => {})
  expect(user.answers).toMatchObject([{ granted: [0x9e] }])
  expect(old.answers).toMatchObject([{ granted: [0x80] }])
  expect(one.answers).toMatchObject([{ granted: [1, 0x87, 0x87, 0x87, 0x8f, 0x8f] }])
  expect(refused.slice(0, 2)).toEqual(['shared-not-allowed', 'shared-not-allowed'])
})

test('what is retained is not sent for a shared subscription', async () => {
  await using broker = await start()
  await using sender = await connect(broker.url, 'sender')
  await sender.client.publishAsync(job, 'retained', { qos: 1, retain: true })
  await using one = await connect(broker.url, 'one', stored)
  await one.client.subscribeAsync(shared, { qos: 1 })
  await one.client.subscribeAsync('app/jobs/1', { qos: 1 })
  await expect.poll(one.texts).toEqual(['retained'])
  await one.client.unsubscribeAsync('app/jobs/1')
  await publish(sender, ['now'])
  await expect.poll(one.texts).toEqual(['retained', 'now'])
})

test('a service of MQTT 3.1.1 shares with one of MQTT 5', async () => {
  await using broker = await start()
  await using sender = await connect(broker.url, 'sender', { protocolVersion: 4 })
  await using one = await connect(broker.url, 'one', { protocolVersion: 4 })
  await using two = await connect(broker.url, 'two')
  for (const { client } of [one, two]) await client.subscribeAsync(shared, { qos: 1 })
  await publish(sender, numbers(0, 10))
  await haveAll(numbers(0, 10), one, two)
  expect([one.packets.length, two.packets.length]).toEqual([5, 5])
})

/** A member that takes messages, and acknowledges none. */
const connectSilent = (url: string, clientId: string, options: IClientOptions = {}) =>
  connect(url, clientId, { ...options, customHandleAcks: () => {} })

test.each(['clean', 'stored'])(
  'what a member leaves unacknowledged, or waiting, comes to another one (%s)',
  async kind => {
    await using broker = await start()
    await using sender = await connect(broker.url, 'sender')
    const leaving = await connectSilent(broker.url, 'leaving', { properties: { receiveMaximum: 3 } })
    await leaving.client.subscribeAsync([shared, 'app/jobs/plain'], { qos: 1 })
    await publish(sender, numbers(0, 10))
    await publish(sender, ['of its own'], 1, 'app/jobs/plain')
    await using staying = await connect(broker.url, 'staying', kind === 'stored' ? stored : {})
    await staying.client.subscribeAsync(shared, { qos: 1 })
    leaving.client.stream.destroy()
    await expect.poll(staying.texts).toEqual([...numbers(0, 10), 'of its own'])
  },
)

test('a member of which the broker has heard nothing at QoS 2 takes what it was sent with it, and leaves the rest', async () => {
  await using broker = await start()
  await using sender = await connect(broker.url, 'sender')
  const leaving = await connectSilent(broker.url, 'leaving', { properties: { receiveMaximum: 3 } })
  await leaving.client.subscribeAsync(shared, { qos: 2 })
  await publish(sender, numbers(0, 10), 2)
  await using staying = await connect(broker.url, 'staying')
  await staying.client.subscribeAsync(shared, { qos: 2 })
  leaving.client.stream.destroy()
  await expect.poll(staying.texts).toEqual(numbers(3, 10))
})
