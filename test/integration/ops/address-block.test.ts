import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectGuest } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { connectOperator } from '../../support/operator.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { logged } from '../../support/story.ts'

const elsewhere = '127.0.0.2'
const hello = (clientId: string) =>
  generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0, clientId })

interface Line {
  send(bytes: Buffer): void
  /** CONNACK's code, or how the connection ended. */
  readonly answer: Promise<string>
  readonly closed: Promise<void>
}

function overSocket(socket: Socket): Line {
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  return {
    send: bytes => void socket.write(bytes),
    answer: new Promise(resolve => {
      socket.once('data', bytes => resolve(`connack ${bytes[3]}`))
      socket.once('close', () => resolve('closed'))
    }),
    closed,
  }
}

/** Opens a connection from `localAddress`. */
function open(running: RunningApp, transport: 'tcp' | 'tls' | 'ws', localAddress: string): Line {
  const { mqtt, mqtts = 0, http } = running.app.ports
  const host = '127.0.0.1'
  if (transport === 'tcp') return overSocket(connect({ host, port: mqtt, localAddress }))
  if (transport === 'tls') {
    const below = connect({ host, port: mqtts, localAddress })
    below.on('error', () => {})
    return overSocket(connectTls({ socket: below, rejectUnauthorized: false }))
  }
  const ws = new WebSocket(`ws://${host}:${http}/mqtt`, 'mqtt', { localAddress })
  ws.on('error', () => {})
  return {
    send: bytes => void (ws.readyState === WebSocket.OPEN ? ws.send(bytes) : ws.once('open', () => ws.send(bytes))),
    answer: new Promise(resolve => {
      ws.once('message', (bytes: Buffer) => resolve(`connack ${bytes[3]}`))
      ws.once('unexpected-response', (_request, response) => resolve(`HTTP ${response.statusCode}`))
      ws.once('close', () => resolve('closed'))
    }),
    closed: new Promise(resolve => ws.once('close', () => resolve())),
  }
}

/** Says CONNECT; resolves with what comes. */
function knock(running: RunningApp, transport: 'tcp' | 'tls' | 'ws', localAddress: string, clientId: string) {
  const line = open(running, transport, localAddress)
  line.send(hello(clientId))
  return { ...line, answered: line.answer }
}

async function startWithTls(folder: string): Promise<RunningApp> {
  const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await Promise.all([writeFile(files.cert, cert), writeFile(files.key, key)])
  return startApp({
    env: { LATCHKEY_TLS_CERT: files.cert, LATCHKEY_TLS_KEY: files.key, LATCHKEY_MQTTS_PORT: '0' },
  })
}

test('a blocked address loses what is open at once, and gets nothing new over TCP, TLS or WebSocket until it is unblocked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-block-'))
  await using running = await startWithTls(folder)
  await using operator = await connectOperator(running)
  await using neighbour = await connectGuest(running.wsUrl)
  const transports = ['tcp', 'tls', 'ws'] as const
  const open = transports.map(transport => knock(running, transport, elsewhere, `before-${transport}`))
  expect(await Promise.all(open.map(({ answered }) => answered))).toEqual(['connack 0', 'connack 0', 'connack 0'])

  const blocked = await operator.request('ops/address/block', { address: elsewhere, minutes: 5 })
  expect(blocked).toMatchObject({ code: 0, data: { network: elsewhere, ended: 3 } })
  await Promise.all(open.map(({ closed }) => closed))
  expect(logged(running, 'session-closed', 'before-tls', 'address-blocked')).toBe(true)

  const after = transports.map(transport => knock(running, transport, elsewhere, `after-${transport}`))
  expect(await Promise.all(after.map(({ answered }) => answered))).toEqual(['closed', 'closed', 'closed'])
  const { data } = await operator.request('ops/addresses')
  expect(data).toEqual({
    blocked: [{ network: elsewhere, since: expect.any(Number), until: expect.any(Number), refused: 3 }],
  })
  expect((await neighbour.request('account/me')).code).toBe(4003)

  expect((await operator.request('ops/address/unblock', { address: elsewhere })).code).toBe(0)
  expect((await operator.request('ops/address/unblock', { address: elsewhere })).code).toBe(3001)
  for (const transport of transports)
    expect(await knock(running, transport, elsewhere, `again-${transport}`).answered).toBe('connack 0')
  const { data: audit }: { data: { entries: { kind: string; target?: string }[] } } =
    await operator.request('ops/audit')
  expect(audit.entries.map(({ kind, target }) => [kind, target])).toEqual(
    expect.arrayContaining([
      ['address/block', `address:${elsewhere}`],
      ['address/unblock', `address:${elsewhere}`],
    ]),
  )
  await rm(folder, { recursive: true })
})

test('nobody blocks their own address, however it is written', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:7f00:0001'])
    expect(await operator.request('ops/address/block', { address, minutes: 5 }), address).toMatchObject({
      code: 4003,
      msg: expect.stringContaining('your own'),
    })
  expect((await operator.request('ops/address/block', { address: '2001:0DB8:0::1', minutes: 1 })).data).toMatchObject({
    network: '2001:db8:0:0::/64',
  })
})

test('a network that is blocked loses what is open at once, signed in or not, and nobody beyond it does', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const [within, alsoWithin, beyond] = ['127.0.7.8', '127.0.7.200', '127.0.8.1'] as const
  const open = [within, alsoWithin].map(address => knock(running, 'tcp', address, `guest-${address}`))
  const other = knock(running, 'ws', beyond, 'other')
  expect(await Promise.all([...open, other].map(({ answered }) => answered))).toEqual([
    'connack 0',
    'connack 0',
    'connack 0',
  ])
  const silent = connect({ host: '127.0.0.1', port: running.app.ports.http, localAddress: alsoWithin })
  silent.on('error', () => {})
  await once(silent, 'connect')
  const silentClosed = once(silent, 'close')

  const block = { address: '127.0.7.99/24', minutes: 5 }
  expect(await operator.request('ops/address/block', block)).toMatchObject({
    code: 0,
    data: { network: '127.0.7.0/24', ended: 2 },
  })
  await Promise.all([silentClosed, ...open.map(({ closed }) => closed)])
  expect(await knock(running, 'tcp', within, 'late').answered).toBe('closed')
  expect(await knock(running, 'tcp', beyond, 'neighbour').answered).toBe('connack 0')
  expect(await operator.request('ops/address/block', { address: '127.0.0.0/24', minutes: 5 })).toMatchObject({
    code: 4003,
    msg: expect.stringContaining('your own'),
  })
  for (const address of ['127.0.0.0/8', '2001:db8::/32', '::ffff:127.0.7.0/48'])
    expect(await operator.request('ops/address/block', { address, minutes: 5 })).toMatchObject({ code: 4000 })
  expect((await operator.request('ops/address/unblock', { address: '127.0.7.0/24' })).code).toBe(0)
  expect(await knock(running, 'tcp', within, 'again').answered).toBe('connack 0')
  expect(
    (await operator.request('ops/address/block', { address: '2001:db8:7:8::/48', minutes: 1 })).data,
  ).toMatchObject({ network: '2001:db8:7:0::/48' })
})

test('it ends by itself', async () => {
  let nowMs = Date.now()
  await using running = await startApp({ now: () => nowMs })
  await using operator = await connectOperator(running)
  await operator.request('ops/address/block', { address: elsewhere, minutes: 5 })
  nowMs += 4 * 60_000
  expect(await knock(running, 'tcp', elsewhere, 'early').answered).toBe('closed')
  nowMs += 61_000
  expect(await knock(running, 'tcp', elsewhere, 'late').answered).toBe('connack 0')
  expect((await operator.request('ops/addresses')).data).toEqual({ blocked: [] })
})

test('connections that have not signed in are closed at once too, and get no more answers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-block-'))
  await using running = await startWithTls(folder)
  await using operator = await connectOperator(running)
  const { http, mqtt, mqtts = 0 } = running.app.ports
  const from = (port: number, sends: string) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: elsewhere })
    const received: Buffer[] = []
    socket.on('data', bytes => received.push(bytes)).on('error', () => {})
    socket.write(sends)
    return { socket, received, closed: new Promise(resolve => socket.once('close', resolve)) }
  }
  const get = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
  const answered = from(http, get)
  await expect.poll(() => `${Buffer.concat(answered.received)}`).toContain('HTTP/1.1')
  const before = Buffer.concat(answered.received).length
  const begun = hello('early').subarray(0, 5).toString('latin1')
  const others = [from(http, ''), from(http, get.slice(0, 20)), from(mqtt, ''), from(mqtt, begun), from(mqtts, '')]
  const ws = new WebSocket(`ws://127.0.0.1:${http}/mqtt`, 'mqtt', { localAddress: elsewhere })
  ws.on('error', () => {})
  const wsClosed = new Promise(resolve => ws.once('close', resolve))
  await new Promise(resolve => ws.once('open', resolve))
  await Promise.all(others.filter(({ socket }) => socket.pending).map(({ socket }) => once(socket, 'connect')))

  expect((await operator.request('ops/address/block', { address: elsewhere, minutes: 1 })).code).toBe(0)
  const startedAt = performance.now()
  await Promise.all([answered.closed, wsClosed, ...others.map(({ closed }) => closed)])
  expect(performance.now() - startedAt).toBeLessThan(4000) // the shortest of their deadlines is five seconds
  expect(Buffer.concat(answered.received)).toHaveLength(before)
  for (const { received } of others) expect(received).toEqual([])
  expect((await operator.request('account/me')).code).toBe(0)
  await rm(folder, { recursive: true })
})
