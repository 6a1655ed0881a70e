import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { got, publishPacket } from '../../support/packets.ts'
import { connectRaw, exchange, packetsOf } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { leave, serviceToken } from '../../support/story.ts'

async function serviceOf(running: RunningApp) {
  const password = await serviceToken(running)
  return (clientId: string, clean = false) => ({ clientId, username: 'jwt', password, clean })
}

test('limits.qos2Window: a client that begins messages at QoS 2 and releases none is closed, over all its connections', async () => {
  await using running = await startApp({ limits: { qos2Window: 50 } })
  const as = await serviceOf(running)
  const ended: string[] = []
  running.app.events.on('session-closed', ({ clientId, reason }) => clientId === 'half-open' && ended.push(reason))
  let begun = 0
  const begin = () =>
    generate({
      cmd: 'publish',
      topic: 'app/x',
      payload: 'x',
      qos: 2,
      messageId: (begun++ % 65_535) + 1,
      retain: false,
      dup: false,
    })
  using pair = await connectHealthyPair(running)
  let acknowledged = 0
  await pair.stayHealthyWhile(async () => {
    const client = await connectRaw('tcp', running.app.ports.mqtt, as('half-open'))
    const packets = packetsOf(client)
    client.send(Buffer.concat(Array.from({ length: 100 }, begin)))
    await client.closed
    acknowledged += packets.filter(({ cmd }) => cmd === 'pubrec').length
  })
  expect(acknowledged).toBeLessThanOrEqual(50)
  expect(new Set(ended)).toEqual(new Set(['qos2-window-full']))
})

test.each([
  ['limits.queuedMessagesPerSession', { queuedMessagesPerSession: 50 }, 100],
  ['limits.queuedBytesPerSession', { queuedBytesPerSession: 20_000 }, 1000],
])('%s: of what a session is owed without end the oldest is dropped, and counted', async (_limit, limits, size) => {
  await using running = await startApp({ limits })
  const as = await serviceOf(running)
  const away = await connectClient(running.mqttUrl, as('away'))
  await away.subscribe('app/q', 1)
  await leave(running, away)
  const dropped: number[] = []
  running.app.events.on('messages-dropped', ({ count }) => dropped.push(count))
  const writer = await connectRaw('tcp', running.app.ports.mqtt, as('writer', true))
  const packets = packetsOf(writer)
  let last = 0
  const burst = () =>
    Buffer.concat(
      Array.from({ length: 20 }, () => publishPacket('app/q', `${++last} `.padEnd(size, 'x'), (last % 65_535) + 1)),
    )
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    packets.length = 0
    writer.send(burst())
    await expect.poll(got(packets, 'puback', (last % 65_535) + 1), { interval: 2 }).toBeDefined()
  })
  expect(dropped[0]).toBeGreaterThan(0)
  expect(last).toBeGreaterThan(100)
  await using back = await connectClient(running.mqttUrl, as('away'))
  await back.message('app/q', ({ payload }) => payload.startsWith(`${last} `))
  const kept = back.received.map(({ payload }) => Number.parseInt(payload, 10))
  expect(kept.length).toBeLessThanOrEqual(50)
  expect(kept).toEqual(Array.from(kept, (_, n) => last - kept.length + 1 + n))
  writer.close()
})

test('limits.sessionExpirySeconds: sessions that nobody comes back to, each with a full queue, are forgotten one a turn', async () => {
  let ms = Date.now()
  await using running = await startApp({
    now: () => ms,
    limits: { sessionExpirySeconds: 1, queuedMessagesPerSession: 50 },
  })
  const as = await serviceOf(running)
  const sessions = Array.from({ length: 30 }, (_, i) => `away-${i}`)
  for (const clientId of sessions) {
    const client = await connectClient(running.mqttUrl, as(clientId))
    await client.subscribe('app/x', 1)
    await leave(running, client)
  }
  await using writer = await connectClient(running.mqttUrl, as('writer', true))
  for (let i = 0; i < 50; i++) await writer.mqtt.publishAsync('app/x', 'x'.repeat(1000), { qos: 1 })
  const perTurn: number[] = []
  let inThisTurn = 0
  running.app.events.on('session-expired', () => {
    if (inThisTurn++ > 0) return
    setImmediate(() => {
      perTurn.push(inThisTurn)
      inThisTurn = 0
    })
  })
  using pair = await connectHealthyPair(running)
  ms += 1100
  await pair.stayHealthyWhile(() => expect.poll(() => perTurn.length, { timeout: 20_000 }).toBe(sessions.length))
  expect(Math.max(...perTurn)).toBe(1)
})

test.each([
  ['limits.retainedPerOwner', { retainedPerOwner: 100 }, 1],
  ['limits.retainedBytesPerOwner', { retainedBytesPerOwner: 100_000 }, 1000],
])('%s: who retains without end is refused beyond it', async (_limit, limits, size) => {
  await using running = await startApp({ limits: { refusedPublishesPerMinute: 1_000_000, ...limits } })
  const as = await serviceOf(running)
  const raw = await connectRaw('tcp', running.app.ports.mqtt, as('retaining', true))
  let sent = 0
  const retaining = (messageId: number) =>
    ({
      cmd: 'publish',
      topic: `app/r/${++sent}`,
      payload: 'x'.repeat(size),
      retain: true,
      dup: false,
      messageId,
    }) as const
  let refused = 0
  running.app.events.on('publish-refused', () => refused++)
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    raw.send(Buffer.concat(Array.from({ length: 19 }, () => generate({ ...retaining(1), qos: 0 }))))
    await exchange(raw, { ...retaining(1), qos: 1 })
  })
  const kept = sent - refused
  expect(kept).toBeLessThanOrEqual(100)
  expect(kept).toBeGreaterThan(90)
  raw.close()
})
