import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { startSlowLink } from '../../support/network/slow-link.ts'
import { connectPacket, got, publishPacket } from '../../support/packets.ts'
import { openTcp, openWebSocket, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { startBroker } from '../../support/start-broker.ts'
import { logged, serviceToken } from '../../support/story.ts'

test('a client that only sends messages is alive, and one that says nothing for 1.5 times its keep alive is closed', async () => {
  await using running = await startBroker()
  let reason: string | undefined
  running.events.on('session-closed', closed => {
    reason = closed.reason
  })
  const raw = await openTcp(running.port)
  const received = packetsOf(raw)
  raw.send(connectPacket('busy', true, 'x', 1))
  await expect.poll(() => received.length).toBe(1)
  for (const startedAt = Date.now(); Date.now() - startedAt < 2000; ) {
    raw.send(publishPacket('devices/d1/set', '{}'))
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  expect(reason).toBeUndefined()
  const silentSince = performance.now()
  await raw.closed
  expect(reason).toBe('keep-alive-timeout')
  expect(performance.now() - silentSince).toBeGreaterThan(1400)
})

test.each([['tcp'], ['ws']] as const)(
  'in the middle of a long packet on a slow uplink every byte is a sign of life (over %s)',
  async transport => {
    const keepAliveSeconds = 1
    const bytesPerSecond = 8000
    await using running = await startApp({ limits: { pingSeconds: 1 } })
    const { mqtt, http } = running.app.ports
    await using link = await startSlowLink(transport === 'tcp' ? mqtt : http, { bytesPerSecond })
    const raw = await (transport === 'tcp' ? openTcp(link.port) : openWebSocket(link.port))
    const received = packetsOf(raw)
    raw.send(connectPacket('uplink', true, await serviceToken(running), keepAliveSeconds))
    await expect.poll(() => received.length).toBe(1)
    const startedAt = performance.now()
    raw.send(publishPacket('app/photo', Buffer.alloc(5 * bytesPerSecond), 1))
    await expect.poll(got(received, 'puback', 1)).toBeDefined()
    expect(performance.now() - startedAt).toBeGreaterThan(3 * keepAliveSeconds * 1000)
    await raw.closed // nothing more comes
    await expect.poll(() => logged(running, '"session-closed"', '"uplink"', '"keep-alive-timeout"')).toBe(true)
  },
)

test('a WebSocket that answers pings, of a program that has stopped, is no sign of life', async () => {
  await using running = await startApp({ limits: { pingSeconds: 1 } })
  const raw = await openWebSocket(running.app.ports.http)
  raw.send(connectPacket('stopped', true, await serviceToken(running), 2))
  await raw.closed
  expect(logged(running, '"session-closed"', '"stopped"', '"reason":"keep-alive-timeout"')).toBe(true)
})

test('keep alive 0 may be silent, and PINGREQ alone keeps a session open', async () => {
  await using running = await startBroker()
  const reasons: string[] = []
  running.events.on('session-closed', ({ clientId, reason }) => reasons.push(`${clientId} ${reason}`))
  const [silent, pinging, gone] = [
    await openTcp(running.port),
    await openTcp(running.port),
    await openTcp(running.port),
  ]
  for (const raw of [silent, pinging, gone]) packetsOf(raw)
  silent.send(connectPacket('silent', true, 'x', 0))
  pinging.send(connectPacket('pinging', true, 'x', 1))
  gone.send(connectPacket('gone', true, 'x', 2))
  const pings = setInterval(() => pinging.send(generate({ cmd: 'pingreq' })), 300)
  await gone.closed
  clearInterval(pings)
  expect(reasons).toEqual(['gone keep-alive-timeout'])
})
