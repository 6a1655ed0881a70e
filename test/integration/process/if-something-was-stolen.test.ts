import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { enroll } from '../../../devices/sdk/enroll.ts'
import { passwordDigest } from '../../../src/accounts/passwords/password-digest.ts'
import { packageRoot } from '../../../src/app/package-root.ts'
import {
  connectClient,
  connectGuest,
  connectWithToken,
  type TestClient,
  wechatCode,
} from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { type ServerLab, startServerLab } from '../../support/processes/server-lab.ts'

const page = readFileSync(join(packageRoot(), 'docs', 'if-something-was-stolen.md'), 'utf8')

/** What the page says to run below a heading, block by block. */
function commandsOf(heading: string): [string, ...string[]] {
  const section = page.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  const [first, ...more] = Array.from(section.matchAll(/```sh\n(.*?)```/gs), ([, block = '']) => block)
  if (first === undefined) throw new Error(`nothing to run below ${heading}`)
  return [first, ...more]
}

const typed = { old: 'an old password', next: 'a new password' }
const register = async (server: ServerLab, username: string): Promise<{ client: TestClient; token: string }> => {
  const client = await connectGuest(server.wsUrl)
  const password = passwordDigest(typed.old)
  const reply = await client.request('auth/register', { username, password, code: wechatCode(username) })
  expect(reply).toMatchObject({ code: 0 })
  return { client, token: reply.data }
}

/** The reply's code for a sign-in on a new connection. */
async function codeOf(server: ServerLab, operation: string, body: object): Promise<number> {
  await using guest = await connectGuest(server.wsUrl)
  return (await guest.request(operation, body)).code
}
const signIn = (server: ServerLab, username: string, password: string) =>
  codeOf(server, 'auth/signin', { username, password: passwordDigest(password) })

const refused = { code: expect.toSatisfy((code: unknown) => code === 4 || code === 5) }
async function letsIn(server: ServerLab, token: string): Promise<void> {
  await using client = await connectWithToken(server.wsUrl, token)
  expect(client.mqtt.connected).toBe(true)
}
const keepsOut = (server: ServerLab, token: string) =>
  expect(connectWithToken(server.wsUrl, token)).rejects.toMatchObject(refused)

/** What who has a signing key and knows of a token makes: the same, signed anew. */
function forge(token: string, pem: string): string {
  const signed = token.split('.').slice(0, 2).join('.')
  const signature = sign('sha256', Buffer.from(signed), { key: createPrivateKey(pem), dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}
const jtiOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti

const addDevice = async (server: ServerLab, id: string): Promise<{ secret: string; claimCode: string }> =>
  JSON.parse(await server.run(`latchkey device add --type lamp --id ${id} --json`))
const asDevice = (server: ServerLab, id: string, secret: string) =>
  connectClient(server.mqttUrl, { clientId: id, username: id, password: secret })
const productSecret = async (server: ServerLab): Promise<string> =>
  JSON.parse(await server.run('latchkey product enable lamp --json')).secret

test('the signing key: what it signs opens nothing any more, and people sign in again', async () => {
  await using server = await startServerLab()
  const { client, token } = await register(server, 'ann')
  await client[Symbol.asyncDispose]()
  const forged = forge(token, await readFile(join(server.dataDir, 'keys', '0001.pem'), 'utf8'))
  expect(forged).not.toBe(token)
  await letsIn(server, forged)

  await server.run(commandsOf('The signing key')[0])
  await keepsOut(server, forged)
  await keepsOut(server, token)
  expect(await codeOf(server, 'auth/login', { code: wechatCode('ann') })).toBe(0)
})

test('the database: neither its keys, nor a password, a claim code or a product secret of before is good any more', async () => {
  await using server = await startServerLab()
  await server.run('latchkey user add root --role operator', typed.old)
  const { client, token } = await register(server, 'ann')
  await using _ann = client
  const device = await addDevice(server, 'lamp-1')
  const owned = await addDevice(server, 'lamp-2')
  expect(await client.request('device/claim', { deviceId: 'lamp-2', code: owned.claimCode })).toMatchObject({ code: 0 })
  const secret = await productSecret(server)
  await enroll({ url: server.mqttUrl, type: 'lamp', serial: 'A1', productSecret: secret })
  const forged = forge(token, await readFile(join(server.dataDir, 'keys', '0001.pem'), 'utf8'))

  await server.run(commandsOf('The database, or a backup')[0], typed.next)
  await keepsOut(server, forged)
  expect(await signIn(server, 'root', typed.old)).toBe(1)
  expect(await signIn(server, 'root', typed.next)).toBe(0)
  await expect(enroll({ url: server.mqttUrl, type: 'lamp', serial: 'A2', productSecret: secret })).rejects.toThrow()
  await using bob = (await register(server, 'bob')).client
  const claim = await bob.request('device/claim', { deviceId: 'lamp-1', code: device.claimCode })
  expect(claim.code).not.toBe(0)
  // Who enrolls with the new one still can, and devices notice nothing.
  const next = await productSecret(server)
  await enroll({ url: server.mqttUrl, type: 'lamp', serial: 'A2', productSecret: next })
  await using lamp = await asDevice(server, 'lamp-2', owned.secret)
  expect(lamp.mqtt.connected).toBe(true)
})

test('a phone: its session ends, its token and its password are void, and WeChat lets nobody in', async () => {
  await using server = await startServerLab()
  const { client, token } = await register(server, 'ann')
  expect(await codeOf(server, 'auth/login', { code: wechatCode('ann') })).toBe(0)
  const closed = client.closed()
  await server.run(commandsOf('A phone')[0], typed.next)
  await closed
  await keepsOut(server, token)
  expect(await signIn(server, 'ann', typed.old)).toBe(1)
  expect(await codeOf(server, 'auth/login', { code: wechatCode('ann') })).toBe(1001)
  expect(await signIn(server, 'ann', typed.next)).toBe(0)
})

test("an operator's password: its sessions end, it is refused, and what was done with it is on record", async () => {
  await using server = await startServerLab()
  await server.run('latchkey user add root --role operator', typed.old)
  const thief = await connectGuest(server.wsUrl)
  const password = passwordDigest(typed.old)
  expect(await thief.request('auth/signin', { username: 'root', password })).toMatchObject({ code: 0 })
  expect(await thief.request('ops/device/add', { type: 'lamp', deviceId: 'lamp-9' })).toMatchObject({ code: 0 })
  const closed = thief.closed()
  const trail = await server.run(commandsOf("An operator's password")[0], typed.next)
  await closed
  expect(trail).toMatch(/device\/add .*lamp-9/)
  expect(await signIn(server, 'root', typed.old)).toBe(1)
  expect(await signIn(server, 'root', typed.next)).toBe(0)
})

test('the token of an integration: its session ends, it is refused, and the next one does what it did', async () => {
  await using server = await startServerLab()
  const issue = "latchkey token issue --service nodered --publish 'app/#' --subscribe 'devices/+/state' --json"
  const { token } = JSON.parse(await server.run(issue))
  const stolen = await connectWithToken(server.wsUrl, token)
  const closed = stolen.closed()
  const printed = await server.run(commandsOf('The token of an integration')[0].replace('JTI', jtiOf(token)))
  await closed
  await keepsOut(server, token)
  const next = /^ey[\w.-]+$/m.exec(printed)?.[0] ?? ''
  await using again = await connectWithToken(server.wsUrl, next)
  expect(await again.subscribe('devices/+/state')).toBe(0)
})

test('the secret of a device: its session ends, and only the next one is good', async () => {
  await using server = await startServerLab()
  const { secret } = await addDevice(server, 'lamp-1')
  const stolen = await asDevice(server, 'lamp-1', secret)
  const closed = stolen.closed()
  const printed = await server.run(commandsOf('The secret of a device')[0])
  await closed
  await expect(asDevice(server, 'lamp-1', secret)).rejects.toMatchObject({ code: 4 })
  await using again = await asDevice(server, 'lamp-1', /^secret +(\w+)$/m.exec(printed)?.[1] ?? '')
  expect(again.mqtt.connected).toBe(true)
})

test('a product secret: it enrolls nothing more, and what it has enrolled is on record', async () => {
  await using server = await startServerLab()
  const secret = await productSecret(server)
  await enroll({ url: server.mqttUrl, type: 'lamp', serial: 'MINE', productSecret: secret })
  const printed = await server.run(commandsOf('A product secret')[0])
  expect(printed).toMatch(/device-enrolled .*lamp-MINE/)
  await expect(enroll({ url: server.mqttUrl, type: 'lamp', serial: 'A1', productSecret: secret })).rejects.toThrow()
  const next = /product secret +(\w+)/.exec(printed)?.[1] ?? ''
  await enroll({ url: server.mqttUrl, type: 'lamp', serial: 'A1', productSecret: next })
})

test('the key of the certificate: new connections are shown another certificate, of another key', async () => {
  const authority = createAuthority()
  const [stolen, next] = [1, 2].map(() => authority.issue({ commonNames: ['iot.example.com'] }))
  await using server = await startServerLab({
    files: {
      'fullchain.pem': stolen?.cert ?? '',
      'privkey.pem': stolen?.key ?? '',
      'next.pem': next?.cert ?? '',
      'next.key': next?.key ?? '',
    },
    env: { LATCHKEY_TLS_CERT: '/etc/latchkey/fullchain.pem', LATCHKEY_TLS_KEY: '/etc/latchkey/privkey.pem' },
    // The authority is not to be had here: what its client leaves behind is put in place by the hook of deploy/.
    commands: {
      certbot:
        'if [ "$1" = certonly ]; then cp "$ETC/next.pem" "$ETC/fullchain.pem"; cp "$ETC/next.key" "$ETC/privkey.pem"; fi\n',
    },
  })
  const shown = async (): Promise<string | undefined> => {
    const socket = connect({ port: server.mqttsPort, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerX509Certificate()
    socket.destroy()
    return certificate?.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  }
  const keyOf = (cert = '') => new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'pem' }).toString()
  expect(await shown()).toBe(keyOf(stolen?.cert))
  await server.run(commandsOf('The key of the certificate')[0])
  await expect.poll(shown).toBe(keyOf(next?.cert))
})
