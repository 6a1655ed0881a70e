import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { listenTls } from '../../../src/front/listen-tls.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { openMany } from '../../support/open-many.ts'
import { openTcp } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'

const startWith = (bounds: Partial<RunningApp['config']['limits']>) =>
  startApp({ limits: { connectionsPerSecond: 1_000_000, ...bounds } })

const elsewhere = '127.0.0.7'
const attackers = '127.0.0.9'

/** How the upgrade to a WebSocket is answered; 0 when the connection is closed without an answer. */
function upgradeStatus({ app }: RunningApp, localAddress: string): Promise<number> {
  const ws = new WebSocket(`ws://127.0.0.1:${app.ports.http}/mqtt`, 'mqtt', { localAddress })
  return new Promise(resolve => {
    ws.once('open', () => resolve(101))
    ws.once('error', () => resolve(0))
  })
}

const refusedFor = (running: RunningApp, reason: string) =>
  running.lines.filter(line => line.includes('"connection-refused"') && line.includes(reason)).length

test('a flood of refused connections has ten lines in the log, not one each', async () => {
  await using running = await startWith({ connectionsPerAddress: 1 })
  const held = await openMany(running, attackers, 40)
  await expect.poll(held.open).toBe(1)
  expect(refusedFor(running, 'too-many-from-address')).toBe(10)
  held.close()
})

test('the total holds for everybody, but somebody on the machine itself still gets in', async () => {
  await using running = await startWith({ connections: 3 })
  const held = await openMany(running, attackers, 2)
  const third = await openMany(running, elsewhere, 2)
  await expect.poll(third.open).toBe(1)
  expect(await upgradeStatus(running, elsewhere)).toBe(0)
  await using operator = await connectClient(running.mqttUrl)
  expect(operator.mqtt.connected).toBe(true)
  const more = await openMany(running, '127.0.0.1', 25)
  await expect.poll(more.open).toBe(19) // 20 are kept for it
  for (const one of [held, third, more]) one.close()
})

test('an address that connects all the time is refused before a handshake until the next second', async () => {
  let ms = Date.now()
  await using running = await startApp({
    now: () => ms,
    configure: c => ({ ...c, limits: { ...c.limits, connectionsPerSecond: 5 } }),
  })
  const held = await openMany(running, attackers, 8)
  await expect.poll(held.open).toBe(5)
  expect(refusedFor(running, 'too-often-from-address')).toBe(3)
  const others = await openMany(running, elsewhere, 1)
  expect(others.open()).toBe(1)
  ms += 1000
  const later = await openMany(running, attackers, 6)
  await expect.poll(later.open).toBe(5)
  for (const one of [held, others, later]) one.close()
})

test('a WebSocket too many is closed before a byte is answered, and counts again when it closes', async () => {
  await using running = await startWith({ connectionsPerAddress: 1 })
  const held = await openMany(running, attackers, 1)
  expect(await upgradeStatus(running, attackers)).toBe(0)
  held.close()
  await expect.poll(() => upgradeStatus(running, attackers)).toBe(101)
  expect(await upgradeStatus(running, attackers)).toBe(0)
})

test('an idle connection too many to the HTTP port is closed without having asked for anything', async () => {
  await using running = await startWith({ connectionsPerAddress: 1 })
  const held = await openMany(running, attackers, 1)
  const idle = connect({ port: running.app.ports.http, host: '127.0.0.1', localAddress: attackers })
  await once(idle, 'close')
  held.close()
})

test('over TLS a connection too many is closed before the handshake', async () => {
  const certificate = createAuthority().issue({ commonNames: ['localhost'] })
  const asked: string[] = []
  const gate = {
    admit(socket: Socket, enter: (address: string) => void) {
      if (asked.push(socket.remoteAddress ?? '') > 1) enter('127.0.0.1')
      else socket.destroy()
    },
  }
  const listener = await listenTls({ host: '127.0.0.1', port: 0, certificate, gate, accept: () => {} })
  const first = await openTcp(listener.port)
  await first.closed // its handshake would have ten seconds
  expect(asked).toEqual(['127.0.0.1'])
  const second = connectTls({ port: listener.port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(second, 'secureConnect')
  second.destroy()
  listener.stop()
})
