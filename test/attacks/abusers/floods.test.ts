import { setTimeout } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { publishPacket, unsubscribePacket } from '../../support/packets.ts'
import { connectRaw, subscribePacket } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { registerUser, serviceToken } from '../../support/story.ts'

const many = (count: number, packet: (n: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, n) => packet(n)))
const answer = (type: number) => (n: number) => Buffer.of(type, 2, 0x40 | (n >> 8), n & 0xff)

test.each([
  ['limits.messagesPerSecond: messages at QoS 0', many(500, () => publishPacket('app/f', 'x'))],
  ['limits.messagesPerSecond: messages at QoS 1', many(500, n => publishPacket('app/f', 'x', n + 1))],
  ['limits.bytesPerSecond: large messages', many(8, () => publishPacket('app/f', 'x'.repeat(60_000)))],
  ['PINGREQ', many(5000, () => generate({ cmd: 'pingreq' }))],
])('%s without end: who sends it is read slower, and closed', async (_what, bytes) => {
  await using running = await startApp({ limits: { maxSlowedSeconds: 1 } })
  const slowed = new Set<string>()
  running.app.events.on('session-slowed', ({ clientId }) => slowed.add(clientId))
  const ended: string[] = []
  running.app.events.on('session-closed', ({ clientId, reason }) => clientId === 'flood' && ended.push(reason))
  const password = await serviceToken(running)
  let isClosed = false
  const connect = async () => {
    isClosed = false
    const client = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'flood', username: 'jwt', password })
    void client.closed.then(() => {
      isClosed = true
    })
    return client
  }
  let flood = await connect()
  const abuse = async () => {
    if (isClosed) flood = await connect()
    if (flood.unsentBytes === 0) flood.send(bytes)
    await setTimeout(5)
  }
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(abuse)
  expect([...slowed]).toEqual(['flood'])
  for (const until = performance.now() + 3000; ended.length === 0 && performance.now() < until; ) await abuse()
  expect(ended).toContain('too-fast')
  flood.close()
})

test.each([
  ['PUBACK for nothing', many(15_000, answer(0x40))],
  ['PUBREC for nothing', many(15_000, answer(0x50))],
  ['PUBCOMP for nothing', many(15_000, answer(0x70))],
  ['PUBREL for nothing', many(15_000, answer(0x62))],
  [
    'SUBSCRIBE and UNSUBSCRIBE',
    many(2500, n => Buffer.concat([subscribePacket(2 * n + 1, 'app/s'), unsubscribePacket(2 * n + 2, 'app/s')])),
  ],
])('%s without end takes its share of every turn, and no more', async (_what, bytes) => {
  await using running = await startApp()
  const password = await serviceToken(running)
  const flood = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'flood', username: 'jwt', password })
  flood.onBytes(() => {})
  using pair = await connectHealthyPair(running)
  const sendMore = () => flood.unsentBytes === 0 && flood.send(bytes)
  await pair.stayHealthyWhile(async () => {
    sendMore()
    await setTimeout(5)
  })
  // It waits, once the buffers on the way are full, and is the only one that does.
  await expect.poll(() => flood.unsentBytes > 0 || sendMore(), { interval: 5, timeout: 20_000 }).toBe(true)
  flood.close()
})

test('limits.requestsPerMinute: a client that sends requests without end is told to slow down, and most of them are not even answered', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  await client[Symbol.asyncDispose]()
  let refused = 0
  running.app.events.on('request-answered', ({ code }) => (refused += Number(code === 4029)))
  const startedAt = performance.now()
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'asking', username: 'jwt', password: token })
  const burst = many(100, () => publishPacket(topics.request('asking', 'account/me'), '{}'))
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    raw.send(burst)
    await setTimeout(50)
  })
  expect(refused).toBeGreaterThan(10)
  expect(refused).toBeLessThan(100 * (1 + (performance.now() - startedAt) / 1000))
  raw.close()
})

test('limits.refusedPublishesPerMinute: a client whose publishes are refused without end is closed each time', async () => {
  await using running = await startApp()
  const password = await serviceToken(running)
  const ended: string[] = []
  running.app.events.on('session-closed', ({ reason }) => ended.push(reason))
  const bytes = many(500, () => publishPacket('devices/x/state', 'forged'))
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const port = running.app.ports.mqtt
    const forger = await connectRaw('tcp', port, { clientId: 'forger', username: 'jwt', password })
    forger.send(bytes)
    await forger.closed
  })
  expect(new Set(ended)).toEqual(new Set(['too-many-refused-publishes']))
})

test('limits.refusedSubscribesPerMinute: a client whose subscriptions are refused without end is closed each time, and the log stays short', async () => {
  await using running = await startApp()
  const ended: string[] = []
  running.app.events.on('session-closed', ({ reason }) => ended.push(reason))
  const bytes = many(200, n => subscribePacket(n + 1, `devices/${n}/state`))
  const before = running.lines.length
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const stranger = await connectRaw('tcp', running.app.ports.mqtt, { clientId: `stranger-${ended.length}` })
    stranger.send(bytes)
    await stranger.closed
  })
  expect(new Set(ended)).toEqual(new Set(['too-many-refused-subscribes']))
  const lines = running.lines.slice(before).filter(line => line.includes('"subscribe-refused"'))
  expect(lines).toHaveLength(10)
})

test('a client that is granted something, or asks again now and then for what it lost, is not closed', async () => {
  await using running = await startApp()
  const { client } = await registerUser(running, 'alice')
  await using alice = client
  for (let n = 0; n < 19; n++) expect(await alice.subscribe('devices/lost/state', 1)).toBe(128)
  for (let n = 0; n < 30; n++)
    await alice.mqtt.subscribeAsync(['devices/lost/state', `notify/${alice.id}/#`], { qos: 1 }).catch(() => {})
  expect((await alice.request('account/me')).code).toBe(0)
})

test('guests that ask without end for what is no operation, or none of theirs, hold nobody up', async () => {
  await using running = await startApp()
  const before = running.lines.length
  const guests = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      const clientId = `asking-${i}`
      const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId })
      raw.onBytes(() => {})
      const burst = many(200, n => publishPacket(topics.request(clientId, n % 2 ? `made/up/${n}` : 'account/me'), '{}'))
      return { raw, burst }
    }),
  )
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    for (const { raw, burst } of guests) if (raw.unsentBytes === 0) raw.send(burst)
    await setTimeout(20)
  })
  for (const { raw } of guests) raw.close()
  const answered = running.lines.slice(before).filter(line => line.includes('"request-answered"'))
  expect(answered.length).toBeLessThan(60)
  expect(answered.join()).not.toContain('made/up')
})
