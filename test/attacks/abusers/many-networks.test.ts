import { expect, test } from 'vitest'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { connectGuest } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { forwardedFor, proxyHeaderV1 } from '../../support/network/proxy-headers.ts'
import { inSubnet, ofOne48 } from '../../support/network/subnets.ts'
import { refusalsOf } from '../../support/open-many.ts'
import { openTcp, type RawClient } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { writeFiles } from '../../support/write-files.ts'

const env = { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' }

test('guest.perAddress: a /48 gets sixteen times the guests, not that many for each of its 65,536 networks', async () => {
  await using running = await startApp({ env, configure: c => ({ ...c, guest: { ...c.guest, perAddress: 2 } }) })
  const come = (address: string) => connectGuest(running.wsUrl, forwardedFor(address)).catch(() => undefined)
  const given: number[] = []
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const guests = (await Promise.all(ofOne48.slice(0, 40).map(come))).filter(guest => guest !== undefined)
    given.push(guests.length)
    await using neighbour = await connectGuest(running.wsUrl, forwardedFor('2001:db8:2::1'))
    expect((await neighbour.request('account/me')).code).toBe(4003)
    await Promise.all(guests.map(guest => guest[Symbol.asyncDispose]()))
    await expect.poll(running.app.connectedClients).toBe(3)
  })
  expect([given[0], Math.max(...given)]).toEqual([32, 32])
})

test('TLS handshakes: a /48 may have sixteen times twenty unfinished ones, and others get in meanwhile', async () => {
  const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })
  await using files = await writeFiles({ 'cert.pem': cert, 'key.pem': key })
  await using running = await startApp({
    env: {
      ...env,
      LATCHKEY_TLS_CERT: files.path('cert.pem'),
      LATCHKEY_TLS_KEY: files.path('key.pem'),
      LATCHKEY_MQTTS_PORT: '0',
    },
  })
  const refusals = refusalsOf(running)
  const clients: RawClient[] = []
  for (let n = 0; n < 330; n++) {
    const client = await openTcp(running.app.ports.mqtts ?? 0)
    client.send(proxyHeaderV1(inSubnet(n * 199)))
    clients.push(client)
  }
  await expect.poll(() => refusals.length).toBe(10)
  expect(new Set(refusals)).toEqual(new Set(['bad-handshake: too many unfinished handshakes']))
  const url = `wss://127.0.0.1:${running.app.ports.https}/mqtt`
  await using _other = await connectGuest(url, { rejectUnauthorized: false })
  for (const client of clients) client.close()
})
