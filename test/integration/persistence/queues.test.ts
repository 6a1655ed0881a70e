import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import type { MqttStore } from '../../../src/domain/mqtt-store.ts'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectPacket, got } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { leave } from '../../support/story.ts'

function openWith(maxMessages: number, maxBytes: number) {
  const dropped: [string, number][] = []
  const store = openMqttStore(new Database(':memory:'), {
    queue: { maxMessages, maxBytes },
    onDropped: (...drop) => dropped.push(drop),
  })
  return { store, dropped }
}

let counter = 0
const enqueue = (store: MqttStore, clientId: string, payload: string) =>
  store.whenKept(() =>
    store.outgoingEnqueueCombi([{ clientId }], {
      topic: 'app/x',
      payload: Buffer.from(payload),
      qos: 1,
      retain: false,
      brokerId: 'b',
      brokerCounter: ++counter,
    }),
  )
const queued = async (store: MqttStore, clientId: string) =>
  (await store.outgoingStream({ id: clientId }).toArray()).map(({ payload }) => `${payload}`)

test('of more messages than a session is kept the oldest are dropped, and counted', async () => {
  const { store, dropped } = openWith(3, 1e9)
  for (const n of [1, 2, 3, 4, 5]) await enqueue(store, 'away', `${n}`)
  await enqueue(store, 'other', 'x')
  expect(await queued(store, 'away')).toEqual(['3', '4', '5'])
  expect(await queued(store, 'other')).toEqual(['x'])
  expect(dropped).toEqual([
    ['away', 1],
    ['away', 1],
  ])
})

test('of more bytes than a session is kept the oldest messages are dropped, and room comes back when they are acknowledged', async () => {
  const { store, dropped } = openWith(1000, 2500)
  for (const letter of 'abc') await enqueue(store, 'away', letter.repeat(1000))
  expect((await queued(store, 'away')).map(([letter]) => letter)).toEqual(['b', 'c'])
  for (const message of await store.outgoingStream({ id: 'away' }).toArray()) {
    await store.outgoingUpdate({ id: 'away' }, { ...message, messageId: message.brokerCounter })
    await store.outgoingClearMessageId({ id: 'away' }, { ...message, messageId: message.brokerCounter })
  }
  for (const letter of 'de') await enqueue(store, 'away', letter.repeat(1000))
  expect((await queued(store, 'away')).map(([letter]) => letter)).toEqual(['d', 'e'])
  expect(dropped).toHaveLength(1)
})

test('a session that is wiped leaves nothing behind', async () => {
  const { store } = openWith(10, 1e9)
  const client = { id: 'gone' }
  const owner = { kind: 'device', deviceId: 'gone', type: 'lamp' } as const
  await store.keepSession({ clientId: 'gone', owner, suspended: false })
  await store.addSubscriptions(client, [{ topic: 'app/x', qos: 1 }])
  await enqueue(store, 'gone', 'x')
  await store.forgetSession(client)
  expect(await store.keptSessions()).toEqual([])
  expect(await store.subscriptionsByTopic('app/x')).toEqual([])
  expect(await queued(store, 'gone')).toEqual([])
})

test('the log says once, with the count of the first, that messages of a session were dropped', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, queuedMessagesPerSession: 2 } }),
  })
  const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
  const { token } = await running.admin.tokens.issueForService('s', acl, 3600)
  const asService = { username: 'jwt', password: token }
  const away = await connectClient(running.mqttUrl, { ...asService, clientId: 'away', clean: false })
  await away.subscribe('app/#', 1)
  await leave(running, away)
  await using writer = await connectClient(running.mqttUrl, asService)
  for (const n of [1, 2, 3, 4]) await writer.mqtt.publishAsync('app/x', `${n}`, { qos: 1 })
  const lines = running.lines.filter(line => line.includes('messages-dropped')).map(line => JSON.parse(line))
  expect(lines).toMatchObject([{ event: 'messages-dropped', clientId: 'away', count: 1, level: 'warn' }])
  await using back = await connectClient(running.mqttUrl, { ...asService, clientId: 'away', clean: false })
  await back.message('app/x', ({ payload }) => payload === '4')
  expect(back.received.map(({ payload }) => payload)).toEqual(['3', '4'])
})

test('a client that begins more at QoS 2 than it releases is closed, whatever connections it used', async () => {
  await using running = await startApp({ configure: c => ({ ...c, limits: { ...c.limits, qos2Window: 3 } }) })
  const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
  const { token } = await running.admin.tokens.issueForService('s', acl, 3600)
  const open = async () => {
    const client = await openTcp(running.app.ports.mqtt)
    const packets = packetsOf(client)
    client.send(connectPacket('half-open', false, token))
    await expect.poll(got(packets, 'connack')).toBeDefined()
    const begin = (messageId: number) =>
      client.send(
        generate({ cmd: 'publish', topic: 'app/x', payload: 'x', qos: 2, messageId, retain: false, dup: false }),
      )
    return { ...client, packets, begin }
  }
  const first = await open()
  for (const id of [1, 2]) first.begin(id)
  await expect.poll(got(first.packets, 'pubrec', 2)).toBeDefined()
  first.close()
  const second = await open()
  second.begin(3)
  await expect.poll(got(second.packets, 'pubrec', 3)).toBeDefined()
  second.begin(4)
  await second.closed
  expect(got(second.packets, 'pubrec', 4)()).toBeUndefined()
})
