import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectClient, connectGuest } from '../../support/mqtt-client.ts'
import { type CertifiedKey, createAuthority } from '../../support/network/certificates.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, logged, registerUser } from '../../support/story.ts'

const authority = createAuthority()
const server = authority.issue({ commonNames: ['localhost'] })
const hourMs = 3_600_000
const inDays = (days: number) => new Date(Date.now() + days * 24 * hourMs)

/** The app with a TLS listener that asks for certificates of `authority`, and two devices. */
async function startTls() {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const put = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const running = await startApp({
    env: {
      LATCHKEY_MQTTS_PORT: '0',
      LATCHKEY_TLS_CERT: await put('server.pem', server.cert),
      LATCHKEY_TLS_KEY: await put('server.key', server.key),
      LATCHKEY_TLS_CA: await put('ca.pem', authority.cert),
    },
  })
  const port = running.app.ports.mqtts ?? 0
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await addDevice(running, 'plug', 'plug-1')
  return { ...running, running, device, port, url: `mqtts://127.0.0.1:${port}` }
}

const lampKey = authority.issue({ commonNames: ['lamp-1'] })
/** What a client presents; the server's own certificate is not what these tests are about. */
const as = (clientId: string, certified: Partial<CertifiedKey> = {}) => ({
  clientId,
  rejectUnauthorized: false,
  ...certified,
})

test('a device with a certificate of its id needs neither user name nor password', async () => {
  await using app = await startTls()
  await using lamp = await connectClient(app.url, as('lamp-1', lampKey))
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  expect(logged(app.running, '"session-opened"', '"device:lamp-1"', '"tls"')).toBe(true)
  await expect.poll(() => logged(app.running, '"device-online"', 'lamp-1')).toBe(true)
})

test.each([
  ['another client id', 'plug-1', lampKey, 2],
  ['a client id that differs in case', 'Lamp-1', lampKey, 2],
  ['no common name', 'lamp-1', authority.issue({ commonNames: [] }), 2],
  ['several common names', 'lamp-1', authority.issue({ commonNames: ['lamp-1', 'plug-1'] }), 2],
  ['the id of no device', 'ghost', authority.issue({ commonNames: ['ghost'] }), 4],
])('a certificate with %s is refused', async (_what, clientId, certified, code) => {
  await using app = await startTls()
  await expect(connectClient(app.url, as(clientId, certified))).rejects.toMatchObject({ code })
})

test.each([
  ['of another authority', createAuthority('other').issue({ commonNames: ['lamp-1'] }), 'UNABLE_TO_'],
  [
    'of an authority that only has the name',
    createAuthority().issue({ commonNames: ['lamp-1'] }),
    'CERT_SIGNATURE_FAILURE',
  ],
  ['that is its own authority', createAuthority('lamp-1'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [
    'that has expired',
    authority.issue({ commonNames: ['lamp-1'], notBefore: inDays(-2), notAfter: inDays(-1) }),
    'CERT_HAS_EXPIRED',
  ],
  [
    'that is not valid yet',
    authority.issue({ commonNames: ['lamp-1'], notBefore: inDays(1), notAfter: inDays(2) }),
    'CERT_NOT_YET_VALID',
  ],
])('a certificate %s ends the connection, with its reason in the log', async (_what, certified, problem) => {
  await using app = await startTls()
  for (const credentials of [{}, { username: 'lamp-1', password: app.device.secret }]) {
    await expect(connectClient(app.url, { ...as('lamp-1', certified), ...credentials })).rejects.toThrow()
  }
  expect(logged(app.running, '"connection-refused"', `bad-certificate: ${problem}`)).toBe(true)
  expect(logged(app.running, '"session-opened"')).toBe(false)
})

test('a disabled device is told as with its secret, and an open session of its certificate ends at once', async () => {
  await using app = await startTls()
  await using lamp = await connectClient(app.url, as('lamp-1', lampKey))
  await app.admin.provisioning.setDisabled('lamp-1', true)
  await lamp.closed()
  await expect(connectClient(app.url, as('lamp-1', lampKey))).rejects.toMatchObject({ code: 5 })
})

test('a new secret ends no session that came by certificate', async () => {
  await using app = await startTls()
  await using lamp = await connectClient(app.url, as('lamp-1', lampKey))
  await using bySecret = await connectClient(app.mqttUrl, {
    clientId: 'plug-1',
    username: 'plug-1',
    password: (await resetOf(app, 'plug-1')).secret,
  })
  await app.admin.provisioning.resetDevice('lamp-1')
  await app.admin.provisioning.resetDevice('plug-1')
  await bySecret.closed() // both were looked up again
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
})

async function resetOf({ admin }: Awaited<ReturnType<typeof startTls>>, id: string) {
  const device = await admin.provisioning.resetDevice(id)
  if (device === 'unknown') throw new Error(device)
  return device
}

test('without a certificate everybody signs in as always on the same port', async () => {
  await using app = await startTls()
  for (const clientId of ['visitor', 'lamp-1']) {
    await using guest = await connectGuest(app.url, as(clientId))
    expect((await guest.request('account/me')).code).toBe(4003)
  }
  const secret = { username: 'lamp-1', password: app.device.secret }
  await using lamp = await connectClient(app.url, { ...as('lamp-1'), ...secret })
  expect(lamp.mqtt.connected).toBe(true)
})

test('a client that gives a user name signs in as that user, with or without a certificate', async () => {
  await using app = await startTls()
  const { client, token } = await registerUser(app.running, 'ann')
  await using _client = client
  await using phone = await connectGuest(app.url, { ...as('phone', lampKey), username: 'jwt', password: token })
  expect((await phone.request('account/me')).data).toMatchObject({ username: 'ann' })
  await expect(
    connectClient(app.url, { ...as('lamp-1', lampKey), username: 'lamp-1', password: 'wrong' }),
  ).rejects.toMatchObject({ code: 4 })
})

/** A TLS connection that has its session ticket, if it gets one, and has exchanged a byte. */
async function openSocket(port: number, options: object): Promise<{ socket: TLSSocket; sessions: Buffer[] }> {
  const sessions: Buffer[] = []
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...lampKey, ...options })
  onTestFinished(() => void socket.destroy())
  socket.on('session', session => sessions.push(session))
  await once(socket, 'secureConnect')
  return { socket, sessions }
}

/** CONNECT with client id lamp-1, as a client without user name. */
const connectBytes = Buffer.from('\u0010\u0012\u0000\u0004MQTT\u0004\u0002\u0000\u003c\u0000\u0006lamp-1', 'latin1')

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'no session of %s is resumed: every connection shows its certificate',
  async version => {
    await using app = await startTls()
    const only = { minVersion: version, maxVersion: version }
    const first = await openSocket(app.port, only)
    first.socket.write(connectBytes)
    await once(first.socket, 'data') // what the handshake still had to say has come before it
    const session = first.sessions.at(-1) ?? first.socket.getSession()
    const second = await openSocket(app.port, { ...only, session })
    expect(second.socket.isSessionReused()).toBe(false)
    second.socket.write(connectBytes)
    const [connack] = await once(second.socket, 'data')
    expect([...connack]).toEqual([0x20, 2, 0, 0])
  },
)

test('a second handshake on a connection is refused', async () => {
  await using app = await startTls()
  const { socket } = await openSocket(app.port, { maxVersion: 'TLSv1.2' })
  socket.write(connectBytes)
  await once(socket, 'data')
  const failed = new Promise<Error | null>(resolve => {
    socket.once('error', resolve)
    socket.renegotiate({}, resolve)
  })
  expect(await failed).toMatchObject({ message: expect.stringContaining('no renegotiation') })
})
