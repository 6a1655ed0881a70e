import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { packetIdOf, type QueueLimits } from '../../../src/domain/mqtt-state/session-queues.ts'
import type { Write } from '../../../src/domain/mqtt-state/write.ts'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectPacket, got } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { enqueue, payloadsOf, rowsOf } from '../../support/store-steps.ts'
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
const acknowledged = (clientId: string, seq: number) => ({ kind: 'acknowledged', clientId, seq }) as const
/** A message for all these sessions. */
const toAll = (payload: string, clientIds: readonly string[], waiting: readonly string[] = []): Write => ({
  kind: 'message',
  queued: [
    {
      message: message(payload),
      recipients: clientIds.map(clientId => ({ clientId, qos: 1, isSent: false })),
      waiting: waiting.map(clientId => ({ clientId, qos: 1 })),
    },
  ],
})

test('when more messages wait than a session may have, the oldest are dropped, and counted', async () => {
  const { store, dropped } = openWith(3, 1e9)
  for (const n of [1, 2, 3, 4, 5]) await enqueue(store, 'away', message(`${n}`))
  await enqueue(store, 'other', message('x'))
  expect(await payloadsOf(store, 'away')).toEqual(['3', '4', '5'])
  expect(await payloadsOf(store, 'other')).toEqual(['x'])
  expect(dropped).toEqual([
    ['away', 1],
    ['away', 1],
  ])
})

test('when more bytes wait than a session may have, the oldest messages are dropped; acknowledging makes room again', async () => {
  const { store, dropped } = openWith(1000, 2500)
  for (const letter of 'abc') await enqueue(store, 'away', message(letter.repeat(1000)))
  expect((await payloadsOf(store, 'away')).map(([letter]) => letter)).toEqual(['b', 'c'])
  await store.commit((await rowsOf(store, 'away')).map(({ seq }) => acknowledged('away', seq)))
  for (const letter of 'de') await enqueue(store, 'away', message(letter.repeat(1000)))
  expect((await payloadsOf(store, 'away')).map(([letter]) => letter)).toEqual(['d', 'e'])
  expect(dropped).toHaveLength(1)
})

test('a page holds so many messages and so many bytes, and at least one message', async () => {
  const { store } = openWith(1000, 1e9)
  for (const letter of 'abc') await enqueue(store, 'away', message(letter.repeat(1000)))
  const page = async (bounds: QueueLimits, afterSeq = 0) => (await store.queues.page('away', afterSeq, bounds)).rows
  expect(await page({ maxMessages: 2, maxBytes: 1e9 })).toHaveLength(2)
  expect(await page({ maxMessages: 3, maxBytes: 2500 })).toHaveLength(2)
  expect(await page({ maxMessages: 3, maxBytes: 1 })).toHaveLength(1)
  const [first] = await page({ maxMessages: 1, maxBytes: 1 })
  expect(await page(everything, first?.seq)).toHaveLength(2)
})

test('a message of several sessions stands in the file once, until the last of them has let go of it', async () => {
  const sqlite = new Database(':memory:')
  const store = openMqttStore(sqlite, { queue: { maxMessages: 10, maxBytes: 1e9 } })
  const count = (table: string) => sqlite.prepare(`select count(*) from ${table}`).pluck().get()
  const [outcome] = await store.commit([toAll('x', ['a'], ['b', 'c', 'd'])])
  const fanOut = outcome?.given[0]?.fanOut ?? 0
  const recipients = ['b', 'c'].map(clientId => ({ clientId, qos: 1, isSent: false }) as const)
  await store.commit([{ kind: 'give', fanOut, recipients, skipped: 1, given: 3, isLast: true }])
  expect(await store.queues.unfinishedFanOuts()).toEqual([])
  expect(await payloadsOf(store, 'b')).toEqual(['x'])
  expect([count('queue'), count('shared_messages')]).toEqual([3, 1])
  const seqOf = async (clientId: string) => (await rowsOf(store, clientId))[0]?.seq ?? 0
  const seq = await seqOf('b')
  await store.commit([
    acknowledged('a', await seqOf('a')),
    { kind: 'sent', clientId: 'b', seq },
    { kind: 'received', clientId: 'b', seq }, // its reader has the message, and is owed PUBREL
    { kind: 'received', clientId: 'b', seq },
  ])
  expect(await rowsOf(store, 'b')).toMatchObject([{ messageId: packetIdOf(seq), message: undefined }])
  expect(count('shared_messages')).toBe(1)
  await store.commit([{ kind: 'forgotten', clientId: 'c' }])
  expect([count('shared_messages'), count('shared_counts')]).toEqual([0, 0])
})

test('the numbers of a queue rise, also when a batch is undone and when nothing is queued any more, and are its own', async () => {
  const { store } = openWith(10, 1e9)
  const one = await enqueue(store, 'a', message('x'))
  const broken = { kind: 'state', deviceId: Symbol('no text') as never, tenure: '', state: '{}' } as const
  await expect(store.commit([toAll('undone', ['a']), broken])).rejects.toThrow()
  const two = await enqueue(store, 'a', message('y'))
  expect(await payloadsOf(store, 'a')).toEqual(['x', 'y'])
  await store.commit([acknowledged('a', one), acknowledged('a', two)])
  const three = await enqueue(store, 'a', message('z'))
  expect([one < two, two < three]).toEqual([true, true])
  expect(await enqueue(store, 'b', message('x'))).toBe(1)
})

test('what a process has left in a queue stands before all that the next one puts there', async () => {
  const sqlite = new Database(':memory:')
  const queue = { maxMessages: 10, maxBytes: 1e9 }
  await enqueue(openMqttStore(sqlite, { queue }), 'a', message('before'))
  const second = openMqttStore(sqlite, { queue })
  await enqueue(second, 'a', message('after'))
  expect(await payloadsOf(second, 'a')).toEqual(['before', 'after'])
})

test('a session that is wiped leaves nothing behind', async () => {
  const { store } = openWith(10, 1e9)
  const owner = { kind: 'device', deviceId: 'gone', type: 'lamp' } as const
  const session = { clientId: 'gone', owner, suspended: false }
  await store.commit([
    { kind: 'session', session },
    { kind: 'subscribed', clientId: 'gone', subscriptions: [{ topic: 'app/x', qos: 1 }] },
    { kind: 'begun', clientId: 'gone', messageId: 7 },
    toAll('x', ['gone']),
  ])
  expect(await store.sessions.all()).toMatchObject([{ begun: [7], subscriptions: [{ topic: 'app/x' }] }])
  await store.commit([{ kind: 'forgotten', clientId: 'gone' }])
  expect(await store.sessions.all()).toEqual([])
  expect(await rowsOf(store, 'gone')).toEqual([])
  await store.commit([{ kind: 'session', session }])
  expect(await store.sessions.all()).toEqual([{ ...session, subscriptions: [], begun: [] }])
})

test('a start takes up only sessions and wills that this process owned, and those from before there were several processes', async () => {
  const sqlite = new Database(':memory:')
  const open = (node: string) => openMqttStore(sqlite, { queue: { maxMessages: 10, maxBytes: 1e9 }, node })
  const owner = { kind: 'device', deviceId: 'd1', type: 'lamp' } as const
  for (const node of ['east', 'west'])
    await open(node).commit([
      { kind: 'session', session: { clientId: node, owner, suspended: false } },
      { kind: 'will', will: { clientId: node, message: message('gone'), owner } },
    ])
  sqlite.exec("insert into sessions (client, owner, suspended) select 'before', owner, 0 from sessions limit 1")
  const { sessions, wills } = open('west')
  expect((await sessions.all()).map(({ clientId }) => clientId).sort()).toEqual(['before', 'west'])
  expect((await wills.all()).map(({ clientId }) => clientId)).toEqual(['west'])
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
  const [outcome] = await store.commit([toAll('x', [], ['a', 'b', 'c'])])
  const fanOut = outcome?.given[0]?.fanOut ?? 0
  const recipients = [{ clientId: 'a', qos: 1, isSent: false }] as const
  await store.commit([{ kind: 'give', fanOut, recipients, skipped: 0, given: 1, isLast: false }])
  await store.commit([{ kind: 'forgotten', clientId: 'b' }])
  const unfinished = await store.queues.unfinishedFanOuts()
  expect(unfinished).toMatchObject([{ id: fanOut, given: 1, waiting: [{ clientId: '' }, { clientId: 'c' }] }])
})
