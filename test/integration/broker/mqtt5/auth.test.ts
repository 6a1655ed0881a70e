import { generate, type IAuthPacket, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { wechatCode } from '../../../support/mqtt-client.ts'
import { openTcp } from '../../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../../support/start-app.ts'
import { logged, password, registerUser } from '../../../support/story.ts'

const authenticationMethod = 'LATCHKEY'
const wrong = '0'.repeat(password.length)
const begin = 0x19
const goOn = 0x18

interface Auth {
  readonly data?: object | string | undefined
  readonly reasonCode?: number
  readonly method?: string | undefined
}

let clients = 0

/** A client of MQTT 5 made of packets: mqtt.js takes nothing more once an AUTH has come after CONNACK. */
async function connect5(
  { app }: RunningApp,
  properties: IConnectPacket['properties'],
  { password: secret, ...options }: { clientId?: string; username?: string; password?: string } = {},
) {
  const clientId = options.clientId ?? `auth-${++clients}`
  const raw = await openTcp(app.ports.mqtt)
  const packets: Packet[] = []
  const reading = parser({ protocolVersion: 5 })
  reading.on('packet', packet => void packets.push(packet))
  raw.onBytes(bytes => void reading.parse(bytes))
  let isClosed = false
  void raw.closed.then(() => {
    isClosed = true
  })
  const send = (packet: Packet) => raw.send(generate(packet, { protocolVersion: 5 }))
  const got = <C extends Packet['cmd']>(cmd: C) =>
    packets.filter((packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd)
  /** What comes next of a kind, once it is there. */
  async function next<C extends Packet['cmd']>(cmd: C, ask: Packet) {
    const before = got(cmd).length
    send(ask)
    await expect.poll(() => got(cmd).length, { timeout: 10_000 }).toBe(before + 1)
    return got(cmd)[before]
  }

  const authPacket = ({ data, reasonCode = begin, method = authenticationMethod }: Auth): IAuthPacket => ({
    cmd: 'auth',
    reasonCode,
    properties: {
      ...(method !== '' && { authenticationMethod: method }),
      ...(data !== undefined && {
        authenticationData: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
      }),
    },
  })

  /** Sends AUTH, and resolves with what came of it. */
  async function auth(data: object | string | undefined, reasonCode = begin) {
    const answer = await next('auth', authPacket({ data, reasonCode }))
    expect(answer?.properties?.authenticationMethod).toBe(authenticationMethod)
    return { reasonCode: answer?.reasonCode, ...JSON.parse(String(answer?.properties?.authenticationData)) }
  }

  /** The reply to a request by topic. */
  async function request(operation: string, body: object = {}) {
    const subscriptions = [{ topic: `reply/${clientId}/#`, qos: 0 as const }]
    await next('suback', { cmd: 'subscribe', messageId: 1, subscriptions })
    const topic = `request/${clientId}/${operation}`
    const published = { qos: 0, retain: false, dup: false, topic, payload: JSON.stringify(body) } as const
    return JSON.parse(String((await next('publish', { cmd: 'publish', ...published }))?.payload))
  }

  const connack = await next('connack', {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clean: true,
    keepalive: 60,
    clientId,
    ...options,
    ...(secret !== undefined && { password: Buffer.from(secret) }),
    ...(properties && { properties }),
  })
  return {
    connack,
    auth,
    request,
    /** Sends AUTH and waits for nothing. */
    send: (auth: Auth) => send(authPacket(auth)),
    answers: () => got('auth'),
    disconnects: () => got('disconnect'),
    isOpen: () => !isClosed,
    /** Whether it may do what only a user may: ask for its devices. */
    isUser: async () => (await request('device/list')).code === 0,
    [Symbol.asyncDispose]: async () => raw.close(),
  }
}

test('a guest signs in by AUTH: a wrong password is answered and the connection lives, the right one makes it a user', async () => {
  await using app = await startApp()
  await registerUser(app, 'ann')
  await using one = await connect5(app, { authenticationMethod })
  expect(one.connack).toMatchObject({ reasonCode: 0, properties: { authenticationMethod } })
  expect(await one.isUser()).toBe(false)
  const asked = { op: 'auth/signin', username: 'ann' }
  expect(await one.auth({ ...asked, password: wrong })).toMatchObject({ reasonCode: goOn, code: 1, data: null })
  expect(await one.auth({ ...asked, password, id: 'a' }, goOn)).toMatchObject({
    reasonCode: 0,
    id: 'a',
    code: 0,
    msg: '',
    data: expect.stringMatching(/^ey/),
  })
  expect(await one.isUser()).toBe(true)
  expect(one.isOpen()).toBe(true)
  expect(logged(app, 'request-answered', '"auth/signin"', '"code":1')).toBe(true)
})

test('a user refreshes its token and logs out by AUTH, in place, without having subscribed to anything', async () => {
  await using app = await startApp()
  await using one = await connect5(app, { authenticationMethod })
  const registered = await one.auth({ op: 'auth/register', username: 'ann', password, code: wechatCode('ann') })
  expect(registered).toMatchObject({ reasonCode: 0, code: 0 })
  const refreshed = await one.auth({ op: 'auth/refresh' })
  expect(refreshed).toMatchObject({ reasonCode: 0, data: expect.stringMatching(/^ey/) })
  expect(refreshed.data).not.toBe(registered.data)
  expect(await one.auth({ op: 'auth/logout' })).toMatchObject({ reasonCode: 0, data: {} })
  expect(await one.auth({ op: 'auth/refresh' })).toMatchObject({ reasonCode: goOn, code: 4003 })
  expect(await one.isUser()).toBe(false)
})

test('AUTH carries out what signs in and out, and nothing else; what cannot be read is refused', async () => {
  await using app = await startApp()
  const { token } = await registerUser(app, 'ann')
  const data = Buffer.from(JSON.stringify({ token }))
  await using one = await connect5(app, { authenticationMethod, authenticationData: data })
  expect(await one.auth({ op: 'device/list' })).toMatchObject({ reasonCode: goOn, code: 4004 })
  expect(await one.auth({ op: 'auth/nothing' })).toMatchObject({ reasonCode: goOn, code: 4004 })
  expect(logged(app, 'request-answered', '"unknown"', '"code":4004')).toBe(true)
  expect(logged(app, 'auth/nothing')).toBe(false)
  for (const malformed of [undefined, '', '[]', '{"op":', {}, { op: 1 }])
    expect(await one.auth(malformed)).toMatchObject({ reasonCode: goOn, code: 4000, data: null })
  expect(await one.auth({ op: 'auth/refresh', more: 'x'.repeat(17_000) })).toMatchObject({
    reasonCode: goOn,
    code: 4000,
  })
  expect(await one.isUser()).toBe(true)
})

test.each([
  ['in CONNECT was none', undefined, authenticationMethod],
  ['is another than in CONNECT', authenticationMethod, 'OTHER'],
  ['is missing', authenticationMethod, ''],
])('AUTH whose method %s ends the connection', async (_what, inConnect, inAuth) => {
  await using app = await startApp()
  await using one = await connect5(app, inConnect ? { authenticationMethod: inConnect } : undefined)
  one.send({ data: { op: 'auth/refresh' }, method: inAuth })
  await expect
    .poll(one.disconnects)
    .toMatchObject([
      { reasonCode: 0x82, properties: { reasonString: expect.stringContaining('another authentication method') } },
    ])
  expect(one.answers()).toEqual([])
})

test('an AUTH that comes before the last one was answered ends the connection', async () => {
  await using app = await startApp()
  await using one = await connect5(app, { authenticationMethod })
  one.send({ data: { op: 'auth/signin', username: 'nobody', password } })
  one.send({ data: { op: 'auth/signin', username: 'nobody', password } })
  await expect
    .poll(one.disconnects)
    .toMatchObject([
      { reasonCode: 0x82, properties: { reasonString: expect.stringContaining('before the last was answered') } },
    ])
})

test('CONNECT is refused for a method that is not ours', async () => {
  await using app = await startApp()
  await using one = await connect5(app, { authenticationMethod: 'SCRAM-SHA-1' })
  expect(one.connack).toMatchObject({ reasonCode: 0x8c, properties: { reasonString: 'bad-authentication-method' } })
  expect(logged(app, 'connection-refused', 'bad-authentication-method')).toBe(true)
})

test('a token in CONNECT signs in as one in the password does, and may be refreshed by AUTH', async () => {
  await using app = await startApp()
  const { token } = await registerUser(app, 'ann')
  const withToken = (value: unknown) => ({
    authenticationMethod,
    authenticationData: Buffer.from(JSON.stringify({ token: value })),
  })
  await using one = await connect5(app, withToken(token))
  expect(await one.isUser()).toBe(true)
  expect(await one.auth({ op: 'auth/refresh' })).toMatchObject({ reasonCode: 0, code: 0 })
  for (const bad of ['ey.no.token', 1]) {
    await using other = await connect5(app, withToken(bad))
    expect(other.connack?.reasonCode).toBe(0x86)
  }
})

test('a user name in CONNECT counts, and the authentication data are ignored', async () => {
  await using app = await startApp()
  const { token } = await registerUser(app, 'ann')
  const properties = (said: string) => ({
    authenticationMethod,
    authenticationData: Buffer.from(JSON.stringify({ token: said })),
  })
  await using one = await connect5(app, properties('ey.no.token'), { username: 'jwt', password: token })
  expect(await one.isUser()).toBe(true)
  await using other = await connect5(app, properties(token), { username: 'jwt' })
  expect(other.connack?.reasonCode).toBe(0x86)
})

test('guessing by AUTH is limited as by request, and counts together with it', async () => {
  await using app = await startApp({ limits: { requestsPerMinute: 3 } })
  await using one = await connect5(app, { authenticationMethod }, { clientId: 'one' })
  const asked = { op: 'auth/signin', username: 'nobody', password: wrong }
  const codes = [(await one.request('auth/signin', asked)).code]
  for (let i = 0; i < 3; i++) codes.push((await one.auth(asked)).code)
  expect(codes).toEqual([1, 1, 1, 4029])
  expect(one.isOpen()).toBe(true)
})

test('guesses at a password by AUTH and by request are counted as one', async () => {
  await using app = await startApp()
  await registerUser(app, 'ann')
  const asked = { op: 'auth/signin', username: 'ann', password: wrong }
  await using one = await connect5(app, { authenticationMethod })
  let guesses = 0
  while (guesses < 50 && (await one.auth(asked)).code === 1) guesses++
  expect(guesses).toBeGreaterThan(0)
  await using other = await connect5(app, undefined)
  expect(await other.request('auth/signin', { ...asked, password })).toMatchObject({
    code: 4029,
    data: { retryAfter: expect.any(Number) },
  })
})

test('a client that takes only small packets gets the answer without what is too large for it', async () => {
  await using app = await startApp()
  await registerUser(app, 'ann')
  await using one = await connect5(app, { authenticationMethod, maximumPacketSize: 100 })
  one.send({ data: { op: 'auth/signin', username: 'ann', password } })
  await expect.poll(one.answers).toMatchObject([{ reasonCode: 0, properties: { authenticationMethod } }])
  expect(one.answers()[0]?.properties?.authenticationData).toBeUndefined()
})
