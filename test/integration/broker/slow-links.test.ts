import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { startSlowLink } from '../../support/network/slow-link.ts'
import { connectSlowReader } from '../../support/slow-reader.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { leave } from '../../support/story.ts'

const bytesPerSecond = 500_000
const payloadBytes = 20_000
const queued = 150 // three times what may wait for a reader in memory
const numbers = Array.from({ length: queued }, (_, n) => n)
const payloadOf = (n: number, bytes = payloadBytes) => `${n} `.padEnd(bytes, 'x')
const numberOf = ({ payload }: { payload: Buffer | string }) => Number.parseInt(String(payload), 10)

async function serviceToken(running: RunningApp): Promise<string> {
  const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
  return (await running.admin.tokens.issueForService('s', acl, 3600)).token
}

/** A stored session `reader` that is away, and is owed messages of 20 kB at QoS 1. */
async function awaySession(running: RunningApp, token: string): Promise<void> {
  const reader = await connectClient(running.mqttUrl, {
    clientId: 'reader',
    username: 'jwt',
    password: token,
    clean: false,
  })
  await reader.subscribe('app/#', 1)
  await leave(running, reader)
  await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
  await Promise.all(numbers.map(n => writer.mqtt.publishAsync('app/x', payloadOf(n), { qos: 1 })))
}

test('a stored session that comes back over a slow link gets all that was queued, in order, and answers ahead of it', async () => {
  await using running = await startApp()
  const token = await serviceToken(running)
  await awaySession(running, token)
  await using link = await startSlowLink(running.app.ports.mqtt, { bytesPerSecond })
  const reader = await connectSlowReader(link.port, 'reader', false, token)
  await expect.poll(() => reader.messages.length).toBeGreaterThan(10)
  const before = reader.messages.length
  reader.ping()
  await expect.poll(() => reader.answers.pingresps, { interval: 5 }).toBe(1)
  // The link holds 75 kB, 128 kB are on their way, and 32 kB wait in the stream.
  expect((reader.messages.length - before) * payloadBytes).toBeLessThan(400_000)
  await expect.poll(() => reader.messages.length, { timeout: 40_000 }).toBe(queued)
  expect(reader.messages.map(numberOf)).toEqual(numbers)
  reader.close()
})

test('whatever ends a connection, the next one goes on where it was, and nothing is lost', async () => {
  await using running = await startApp()
  const token = await serviceToken(running)
  await awaySession(running, token)
  await using link = await startSlowLink(running.app.ports.mqtt, { bytesPerSecond })
  const seen = new Set<number>()
  let connections = 0
  for (; seen.size < queued && connections < 20; connections++) {
    const reader = await connectSlowReader(link.port, 'reader', false, token)
    const isLast = connections === 4
    const enough = isLast ? queued : 25
    const fresh = () => reader.messages.filter(message => !seen.has(numberOf(message))).length
    await expect.poll(() => fresh() >= enough || seen.size + fresh() === queued, { timeout: 40_000 }).toBe(true)
    const came = reader.messages.map(numberOf)
    expect(came).toEqual(Array.from(came, (_, i) => (came[0] ?? 0) + i)) // in order, without a gap
    for (const n of came) seen.add(n)
    if (connections % 2 === 0) await link.cut()
    else reader.close()
    await reader.closed
  }
  expect([...seen].sort((a, b) => a - b)).toEqual(numbers)
  expect(connections).toBeGreaterThan(3)
})

test.each([0, 1] as const)(
  'what is retained comes to a slow reader at QoS %i all in one connection, and answers ahead of it',
  async qos => {
    const bytes = 2000
    const retained = 1500
    await using running = await startApp()
    const token = await serviceToken(running)
    await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
    const publish = (n: number) => writer.mqtt.publishAsync(`app/${n}`, payloadOf(n, bytes), { qos: 1, retain: true })
    await Promise.all(Array.from({ length: retained }, (_, n) => publish(n)))
    await using link = await startSlowLink(running.app.ports.mqtt, { bytesPerSecond })
    const reader = await connectSlowReader(link.port, 'reader', true, token)
    await expect.poll(() => reader.answers.connack).toBe(true)
    reader.subscribe('app/#', qos)
    await expect.poll(() => reader.messages.length).toBeGreaterThan(10)
    const before = reader.messages.length
    reader.ping()
    await expect.poll(() => reader.answers.pingresps, { interval: 5 }).toBe(1)
    expect((reader.messages.length - before) * bytes).toBeLessThan(400_000)
    await expect.poll(() => reader.messages.length, { timeout: 40_000 }).toBe(retained)
    expect(new Set(reader.messages.map(({ topic }) => topic)).size).toBe(retained)
    expect(reader.messages.every(message => message.qos === qos && message.retain)).toBe(true)
    reader.close()
  },
)

test('a clean session at QoS 1 that takes less than it is sent is closed as a slow reader, and no sooner than it must', async () => {
  await using running = await startApp()
  const token = await serviceToken(running)
  await using link = await startSlowLink(running.app.ports.mqtt, { bytesPerSecond: 50_000 })
  const reader = await connectSlowReader(link.port, 'reader', true, token)
  await expect.poll(() => reader.answers.connack).toBe(true)
  reader.subscribe('app/x', 1)
  await expect.poll(() => reader.answers.suback).toBe(true)
  await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
  const send = (from: number, to: number) =>
    Promise.all(numbers.slice(from, to).map(n => writer.mqtt.publishAsync('app/x', payloadOf(n), { qos: 1 })))
  await send(0, 40) // 800 kB: less than may wait
  await expect.poll(() => reader.messages.length).toBeGreaterThan(5)
  await send(40, queued)
  await reader.closed
  expect(running.lines.some(line => line.includes('"slow-reader"'))).toBe(true)
})
