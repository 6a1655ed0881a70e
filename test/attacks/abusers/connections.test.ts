import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { openMany, refusalsOf } from '../../support/open-many.ts'
import { connectPacket } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'

const elsewhere = '127.0.0.7'
const attackers = '127.0.0.9'

test('limits.connectionsPerAddress: a client that opens and holds connections without end gets a bounded number', async () => {
  await using running = await startApp({ limits: { connectionsPerSecond: 1_000_000, connectionsPerAddress: 50 } })
  const refusals = refusalsOf(running)
  const held = await openMany(running, attackers, 60)
  await expect.poll(held.open).toBe(50)
  expect(refusals).toEqual(Array.from({ length: 10 }, () => 'too-many-from-address'))
  using pair = await connectHealthyPair(running, elsewhere)
  await pair.stayHealthyWhile(async () => (await openMany(running, attackers, 50)).close())
  expect(held.open()).toBe(50)
  held.close()
})

test('limits.connectionsPerSecond: a client that connects and leaves without end is refused until the next second', async () => {
  await using running = await startApp({ limits: { connectionsPerSecond: 20 } })
  const refusals = refusalsOf(running)
  let opened = 0
  using pair = await connectHealthyPair(running, elsewhere)
  const startedAt = performance.now()
  await pair.stayHealthyWhile(async () => {
    ;(await openMany(running, attackers, 20)).close()
    opened += 20
  })
  const seconds = 2 + (performance.now() - startedAt) / 1000
  expect(new Set(refusals)).toEqual(new Set(['too-often-from-address']))
  expect(opened - refusals.length).toBeLessThan(20 * seconds)
})

test('limits.connections: from however many addresses they come, no more are open, and those that were open stay', async () => {
  await using running = await startApp({ limits: { connectionsPerSecond: 1_000_000, connections: 40 } })
  const refusals = refusalsOf(running)
  using pair = await connectHealthyPair(running, elsewhere)
  const held: Awaited<ReturnType<typeof openMany>>[] = []
  for (let i = 20; i < 40; i++) held.push(await openMany(running, `127.0.1.${i}`, 3))
  const open = () => held.reduce((sum, one) => sum + one.open(), 0)
  await expect.poll(open).toBe(38)
  await pair.stayHealthyWhile(async () => (await openMany(running, '127.0.2.1', 40)).close())
  expect(open()).toBe(38)
  expect(new Set(refusals)).toEqual(new Set(['too-many-connections']))
  for (const one of held) one.close()
})

test('limits.connectTimeoutMs: sockets that never say CONNECT are closed in time, and others that come for them', async () => {
  await using running = await startApp({ limits: { connectTimeoutMs: 200 } })
  const refusals = refusalsOf(running)
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const silent = await openMany(running, '127.0.0.1', 50)
    await expect.poll(silent.open).toBe(0)
  })
  expect(refusals.length).toBeGreaterThanOrEqual(50)
  expect(new Set(refusals)).toEqual(new Set(['connect-timeout']))
})

test('guest.perAddress, guest.idleSeconds: a client that opens guest sessions without end gets a bounded number, and none for long', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, guest: { ...c.guest, idleSeconds: 1, perAddress: 20 } }),
  })
  const refusals = refusalsOf(running)
  const ended: string[] = []
  running.app.events.on('session-closed', ({ reason }) => ended.push(reason))
  using pair = await connectHealthyPair(running)
  let name = 0
  let most = 0
  await pair.stayHealthyWhile(async () => {
    const guests = await openMany(running, '127.0.0.1', 30)
    guests.each(client => client.send(connectPacket(`g${name++}`, true, null)))
    await setTimeout(100)
    most = Math.max(most, running.app.connectedClients() - 2)
  })
  expect(most).toBe(20)
  expect(new Set(refusals)).toEqual(new Set(['too-many-guests-from-address']))
  await expect.poll(() => ended).toContain('guest-idle')
  await expect.poll(running.app.connectedClients).toBe(2)
})

test('a silent session with keep alive 0 counts for its address like any other', async () => {
  await using running = await startApp({ limits: { connectionsPerAddress: 20 } })
  using pair = await connectHealthyPair(running)
  const held = await openMany(running, attackers, 20)
  held.each(client => client.send(connectPacket(`k${Math.random()}`, true, null, 0)))
  await expect.poll(running.app.connectedClients).toBe(22)
  await pair.stayHealthyWhile(async () => (await openMany(running, attackers, 20)).close())
  expect(running.app.connectedClients()).toBe(22)
  const late = await openTcp(running.app.ports.mqtt, attackers)
  expect(packetsOf(late)).toEqual([])
  await late.closed
  held.close()
})
