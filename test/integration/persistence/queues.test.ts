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

const message = (payload: string, qos: 1 | 2 = 1) =>
  ({ topic: 'app/x', payload: Buffer.from(payload), qos, retain: false }) as const
const everything = { maxMessages: 1000, maxBytes: 1e9 }
const enqueue = (store: MqttStore, clientId: string, payload: string) =>
  store.whenKept(() => store.queues.add({ clientId, qos: 1 }, message(payload)))
const queued = (store: MqttStore, clientId: string) =>
  store.queues.page(clientId, 0, everything).map(row => `${row.message?.payload}`)

test('of more messages than a session is kept the oldest are dropped, and counted', async () => {
  const { store, dropped } = openWith(3, 1e9)
  for (const n of [1, 2, 3, 4, 5]) await enqueue(store, 'away', `${n}`)
  await enqueue(store, 'other', 'x')
  expect(queued(store, 'away')).toEqual(['3', '4', '5'])
  expect(queued(store, 'other')).toEqual(['x'])
  expect(dropped).toEqual([
    ['away', 1],
    ['away', 1],
  ])
})

test('of more bytes than a session is kept the oldest messages are dropped, and room comes back when they are acknowledged', async () => {
  const { store, dropped } = openWith(1000, 2500)
  for (const letter of 'abc') await enqueue(store, 'away', letter.repeat(1000))
  expect(queued(store, 'away').map(([letter]) => letter)).toEqual(['b', 'c'])
  for (const { seq } of store.queues.page('away', 0, everything)) store.queues.remove('away', seq)
  for (const letter of 'de') await enqueue(store, 'away', letter.repeat(1000))
  expect(queued(store, 'away').map(([letter]) => letter)).toEqual(['d', 'e'])
  expect(dropped).toHaveLength(1)
})

test('a page holds so many messages and so many bytes, and at least one message', async () => {
  const { store } = openWith(1000, 1e9)
  for (const letter of 'abc') await enqueue(store, 'away', letter.repeat(1000))
  const { queues } = store
  expect(queues.page('away', 0, { maxMessages: 2, maxBytes: 1e9 })).toHaveLength(2)
  expect(queues.page('away', 0, { maxMessages: 3, maxBytes: 2500 })).toHaveLength(2)
  expect(queues.page('away', 0, { maxMessages: 3, maxBytes: 1 })).toHaveLength(1)
  const [first] = queues.page('away', 0, { maxMessages: 1, maxBytes: 1 })
  expect(queues.page('away', first?.seq ?? 0, everything)).toHaveLength(2)
})

test('a message of several sessions stands in the file once, until the last of them has let go of it', async () => {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue: { maxMessages: 10, maxBytes: 1e9 } })
  const count = (table: string) => sqlite.prepare(`select count(*) from ${table}`).pluck().get()
  const clients = ['a', 'b', 'c', 'd']
  await store.whenKept(() => {
    const fanOut = store.queues.beginFanOut(message('x'), clients.length)
    for (const clientId of ['a', 'b', 'c']) store.queues.addShared(fanOut, { clientId, qos: 1 })
    store.queues.skipShared(fanOut)
  })
  expect(queued(store, 'b')).toEqual(['x'])
  expect([count('queue'), count('shared_messages')]).toEqual([3, 1])
  const seqOf = (clientId: string) => store.queues.page(clientId, 0, everything)[0]?.seq ?? 0
  store.queues.remove('a', seqOf('a'))
  store.queues.noteSent('b', seqOf('b'), 7)
  store.queues.noteReleased('b', seqOf('b')) // its reader has the message, and is owed PUBREL
  store.queues.noteReleased('b', seqOf('b'))
  expect(store.queues.page('b', 0, everything)).toMatchObject([{ messageId: 7, message: undefined }])
  expect(count('shared_messages')).toBe(1)
  await store.forgetSession({ id: 'c' })
  expect([count('shared_messages'), count('shared_counts')]).toEqual([0, 0])
})

test('numbers rise over restarts and turns that were undone, also when nothing is queued any more', async () => {
  const sqlite = new Database(':memory:')
  const queue = { maxMessages: 10, maxBytes: 1e9 }
  const first = openMqttStore(sqlite, { queue })
  const one = await enqueue(first, 'a', 'x')
  await expect(
    first.whenKept(() => {
      first.queues.add({ clientId: 'a', qos: 1 }, message('undone'))
      sqlite.exec('rollback')
    }),
  ).rejects.toThrow()
  const two = await enqueue(first, 'a', 'y')
  for (const { seq } of first.queues.page('a', 0, everything)) first.queues.remove('a', seq)
  await first.whenKept(() => {})
  const second = openMqttStore(sqlite, { queue })
  const three = await enqueue(second, 'a', 'z')
  expect([one < two, two < three]).toEqual([true, true])
  expect(queued(second, 'a')).toEqual(['z'])
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
  expect(await store.subscriptionsByClient(client)).toEqual([])
  expect(queued(store, 'gone')).toEqual([])
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

test('a message that was begun to be given to a session is not given to the next one of its client id, by another process either', async () => {
  const { store } = openWith(1000, 1e9)
  const { queues } = store
  const waiting = ['a', 'b', 'c'].map(clientId => ({ clientId, qos: 1 as const }))
  await store.whenKept(() => {
    const fanOut = queues.beginFanOut(message('x'), 3)
    queues.keepWaiting(fanOut, waiting)
    queues.addShared(fanOut, waiting[0] ?? { clientId: '', qos: 1 })
    queues.noteGiven(fanOut, 1)
  })
  await store.forgetSession({ id: 'b' })
  expect(queues.unfinishedFanOuts().map(fanOut => fanOut.waiting.map(({ clientId }) => clientId))).toEqual([['', 'c']])
})
