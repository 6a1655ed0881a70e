import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectGuest } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { proxyHeaderV1, proxyHeaderV2 } from '../../support/network/proxy-headers.ts'
import { refusalsOf } from '../../support/open-many.ts'
import { connectOperator } from '../../support/operator.ts'
import { openTcp } from '../../support/raw-client.ts'
import { type RunningApp, type StartOptions, startApp } from '../../support/start-app.ts'
import { logged } from '../../support/story.ts'
import { upgradeRequest } from '../../support/upgrade-request.ts'
import { writeFiles } from '../../support/write-files.ts'

const proxy = '127.0.0.5'
const stranger = '127.0.0.6'
const client = '192.0.2.77'
const hello = (clientId: string) =>
  generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0, clientId })

const startBehind = (options: StartOptions = {}, more = '') =>
  startApp({ ...options, env: { ...options.env, LATCHKEY_TRUSTED_PROXIES: `${proxy}, 10.0.0.0/8${more}` } })

const headers = [
  ['version 1', proxyHeaderV1(client)],
  ['version 2', proxyHeaderV2(client)],
] as const

function openFrom(localAddress: string, port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  return socket
}

/** The first bytes that come, as text. */
const answerOn = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0])
const addressesOf = ({ lines }: RunningApp, clientId: string): string[] =>
  lines
    .map(line => JSON.parse(line))
    .filter(({ event, clientId: id }) => event === 'session-opened' && id === clientId)
    .map(({ address }) => address)

test.each(headers)(
  'the PROXY header, %s, says who connects: over TCP, HTTP and a WebSocket, in one piece or many',
  async (_, header) => {
    await using running = await startBehind()
    const tcp = openFrom(proxy, running.app.ports.mqtt)
    tcp.write(Buffer.concat([header, hello('whole')]))
    await once(tcp, 'data')
    const pieces = openFrom(proxy, running.app.ports.mqtt).setNoDelay(true)
    for (const byte of Buffer.concat([header, hello('pieces')])) {
      await new Promise(resolve => pieces.write(Buffer.of(byte), resolve))
    }
    await once(pieces, 'data')
    expect([addressesOf(running, 'whole'), addressesOf(running, 'pieces')]).toEqual([[client], [client]])

    const http = openFrom(proxy, running.app.ports.http)
    http.write(Buffer.concat([header, Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')]))
    expect(await answerOn(http)).toMatch(/^HTTP\/1.1 403 /)
    const ws = openFrom(proxy, running.app.ports.http)
    ws.write(Buffer.concat([header, Buffer.from(upgradeRequest())]))
    expect(await answerOn(ws)).toMatch(/^HTTP\/1.1 101 /)
    for (const socket of [tcp, pieces, http, ws]) socket.destroy()
  },
)

test('before TLS too', async () => {
  const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })
  await using files = await writeFiles({ 'cert.pem': cert, 'key.pem': key })
  await using running = await startBehind({
    env: {
      LATCHKEY_TLS_CERT: files.path('cert.pem'),
      LATCHKEY_TLS_KEY: files.path('key.pem'),
      LATCHKEY_MQTTS_PORT: '0',
    },
  })
  for (const header of [proxyHeaderV1(client), proxyHeaderV2(client), Buffer.alloc(0)]) {
    const below = openFrom(proxy, running.app.ports.mqtts ?? 0)
    below.write(header)
    const tls = connectTls({ socket: below, rejectUnauthorized: false })
    tls.write(hello(`over-tls-${header.length}`))
    await once(tls, 'data')
    tls.destroy()
    const address = header.length === 0 ? proxy : client
    expect(addressesOf(running, `over-tls-${header.length}`)).toEqual([address])
  }
  const below = openFrom(proxy, running.app.ports.mqtts ?? 0)
  below.write(Buffer.concat([proxyHeaderV1(client), hello('no-tls')]))
  await once(below, 'close')
  expect(logged(running, 'bad-handshake', client)).toBe(true)
})

test('it is optional, and from an address that is not trusted it is an error on every port', async () => {
  await using running = await startBehind()
  const own = openFrom(proxy, running.app.ports.mqtt)
  own.write(hello('own'))
  await once(own, 'data')
  expect(addressesOf(running, 'own')).toEqual([proxy])
  own.destroy()
  for (const [name, header] of headers) {
    const tcp = openFrom(stranger, running.app.ports.mqtt)
    tcp.write(Buffer.concat([header, hello('forged')]))
    await once(tcp, 'close')
    const http = openFrom(stranger, running.app.ports.http)
    http.write(Buffer.concat([header, Buffer.from(upgradeRequest())]))
    expect(await answerOn(http), name).toMatch(/^HTTP\/1.1 400 /)
  }
  expect(addressesOf(running, 'forged')).toEqual([])
  expect(logged(running, 'not-mqtt: PROXY protocol v1', stranger)).toBe(true)
  expect(logged(running, 'not-mqtt: PROXY protocol v2', stranger)).toBe(true)
  expect(logged(running, 'not-http: PROXY protocol', stranger)).toBe(true)
})

test('an invalid header, and one that does not come, close the connection; the log says why', async () => {
  await using running = await startBehind({ limits: { connectTimeoutMs: 200 } })
  const refusals = refusalsOf(running)
  const bad = openFrom(proxy, running.app.ports.mqtt)
  bad.write('PROXY TCP4 nobody 10.0.0.1 1 2\r\n')
  await once(bad, 'close')
  expect(refusals).toEqual([
    'bad-proxy-header: version 1 that is not TCP4, TCP6 or UNKNOWN with two addresses and ports',
  ])
  for (const first of ['', 'PROXY TCP4 192.0.2.1']) {
    const silent = await openTcp(running.app.ports.mqtt, proxy)
    silent.send(Buffer.from(first))
    await silent.closed
  }
})

test('X-Forwarded-For of a trusted proxy says whose a WebSocket is: limits, the list of sessions and blocks use that address', async () => {
  await using running = await startBehind({ configure: c => ({ ...c, guest: { ...c.guest, perAddress: 2 } }) })
  await using operator = await connectOperator(running)
  const open = (clientId: string, forwarded: string, localAddress = proxy) =>
    connectGuest(running.wsUrl, {
      clientId,
      wsOptions: { localAddress, headers: { 'x-forwarded-for': forwarded } },
      reconnectPeriod: 0,
    })
  await using first = await open('first', `203.0.113.1, ${client}`)
  await using _second = await open('second', `${client}, 10.0.0.3`)
  await expect(open('third', client)).rejects.toThrow()
  await using _other = await open('other', '192.0.2.78')
  const { data } = await operator.request('ops/sessions', { search: client })
  expect(data).toMatchObject({ total: 2 })

  expect((await operator.request('ops/address/block', { address: client, minutes: 5 })).data).toMatchObject({
    ended: 2,
  })
  await expect.poll(() => first.mqtt.connected).toBe(false)
  await expect(open('again', client)).rejects.toThrow()
  await using _neighbour = await open('neighbour', '192.0.2.79')
  const page = (forwarded: string) =>
    fetch(`${running.httpUrl}/.well-known/jwks.json`, { headers: { 'x-forwarded-for': forwarded } })
  expect((await page(client)).status).toBe(200) // 127.0.0.1 is no trusted proxy here
})

test('a limit of connections for an address holds for each client behind a proxy, and not for the proxy', async () => {
  await using running = await startBehind({ limits: { connectionsPerAddress: 2 } })
  const statusOf = async (forwarded: string) => {
    const socket = openFrom(proxy, running.app.ports.http)
    socket.write(upgradeRequest(`X-Forwarded-For: ${forwarded}`))
    return (await answerOn(socket)).split(' ')[1]
  }
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    expect([await statusOf(address), await statusOf(address), await statusOf(address)]).toEqual(['101', '101', '429'])
  expect(logged(running, 'too-many-from-address', '"192.0.2.3"')).toBe(true)
})

test('what a proxy that is not trusted says does not count, and is reported once: in the log and by /readyz', async () => {
  await using running = await startBehind()
  const wsOptions = { localAddress: stranger, headers: { 'x-forwarded-for': client } }
  await using _one = await connectGuest(running.wsUrl, { clientId: 'one', wsOptions })
  await using _two = await connectGuest(running.wsUrl, { clientId: 'two', wsOptions })
  expect([addressesOf(running, 'one'), addressesOf(running, 'two')]).toEqual([[stranger], [stranger]])
  const told = running.lines.filter(line => line.includes('"proxy-not-trusted"'))
  expect(told).toEqual([expect.stringContaining(stranger)])
  const readiness = await (await fetch(`${running.httpUrl}/readyz`)).json()
  expect(readiness).toMatchObject({
    checks: { proxies: `X-Forwarded-For comes from ${stranger}, which is not in trustedProxies` },
  })
})

test('a proxy that forgets Upgrade is told so', async () => {
  await using running = await startBehind()
  const socket = openFrom(proxy, running.app.ports.http)
  socket.write(upgradeRequest().replace(/(Upgrade|Connection): \w+\r\n/g, ''))
  expect(await answerOn(socket)).toMatch(/^HTTP\/1.1 426 [\s\S]*did not pass on/)
})
