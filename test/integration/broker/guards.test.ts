import { once } from 'node:events'
import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../../src/persistence/memory-store.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { connectClient, connectGuest, connectWithToken, wechatCode } from '../../support/mqtt-client.ts'
import { connectRaw, exchange, openTcp, openWebSocket } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, operatorToken, ownerOf, password, registerUser } from '../../support/story.ts'

// The numbers are those of the list of Aedes' sharp edges in docs/decisions/0004-aedes.md; bare Aedes fails every one of these.

const logged = (running: RunningApp, ...texts: string[]) =>
  running.lines.some(line => texts.every(text => line.includes(text)))

test('1: a filter refused beside a granted one is not stored: nothing of it is queued for a session that is away', async () => {
  await using running = await startApp()
  const own = await ownerOf(running, 'own')
  const other = await addDevice(running, 'sensor', 'other')
  const asPhone = { clientId: 'phone', clean: false }
  const phone = await connectWithToken(running.wsUrl, own.token, asPhone)
  const { granted } = await exchangeSubscribe(phone.mqtt, ['devices/own/event/+', 'devices/other/event/+'])
  expect(granted).toEqual([1, 128])
  await phone[Symbol.asyncDispose]()

  await using ownDevice = await connectAsDevice(running, own.device)
  await using otherDevice = await connectAsDevice(running, other)
  await otherDevice.mqtt.publishAsync('devices/other/event/motion', 'not yours', { qos: 1 })
  await ownDevice.mqtt.publishAsync('devices/own/event/motion', 'yours', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, own.token, asPhone)
  expect(await back.message('devices/#')).toMatchObject({ topic: 'devices/own/event/motion', payload: 'yours' })
  expect((await back.request('account/me')).code).toBe(0)
  expect(back.received.filter(({ payload }) => payload === 'not yours')).toEqual([])
  await own.client[Symbol.asyncDispose]()
})

function exchangeSubscribe(client: import('mqtt').MqttClient, filters: string[]): Promise<{ granted: number[] }> {
  return new Promise(resolve => {
    client.subscribe(filters, { qos: 1 }, (_error, _granted, packet) =>
      resolve({ granted: (packet?.granted ?? []).map(Number) }),
    )
  })
}

test('3: a reader that stops reading is closed at QoS 1, and a healthy one beside it gets everything', async () => {
  await using running = await startApp()
  const { device, client: healthy, token } = await ownerOf(running, 'noisy')
  await using publisher = await connectAsDevice(running, device)
  const stuck = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'stuck', username: 'jwt', password: token })
  await exchange(stuck, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/noisy/#', qos: 1 }] })
  stuck.stopReading()
  await healthy.subscribe('devices/noisy/event/+', 1)
  const count = 300
  const payload = 'x'.repeat(60_000)
  for (let i = 0; i < count; i++) await publisher.mqtt.publishAsync('devices/noisy/event/motion', payload, { qos: 1 })
  await expect
    .poll(() => healthy.received.filter(({ topic }) => topic.startsWith('devices/')).length, { timeout: 15_000 })
    .toBe(count)
  expect(logged(running, 'session-closed', '"stuck"', 'slow-reader')).toBe(true)
  stuck.close()
  await healthy[Symbol.asyncDispose]()
})

test.each([['tcp'], ['ws']] as const)(
  '6: over %s a packet announced too long is refused before it is buffered',
  async transport => {
    await using running = await startApp()
    const open = () => (transport === 'tcp' ? openTcp(running.app.ports.mqtt) : openWebSocket(running.app.ports.http))
    const huge = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0x00]) // PUBLISH of 256 MiB, announced
    const early = await open()
    early.send(huge)
    await early.closed

    const { client, token } = await registerUser(running, 'alice')
    const port = transport === 'tcp' ? running.app.ports.mqtt : running.app.ports.http
    const late = await connectRaw(transport, port, { clientId: 'late', username: 'jwt', password: token })
    late.send(
      generate({ cmd: 'publish', topic: 'app/x', payload: Buffer.alloc(200_000), qos: 0, dup: false, retain: false }),
    )
    expect((await client.request('account/me')).code).toBe(0)
    late.send(huge)
    await late.closed
    await client[Symbol.asyncDispose]()
  },
)

test('10: a message never arrives at a higher QoS than its wildcard was granted, live or retained', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'dev')
  await using publisher = await connectAsDevice(running, device)
  expect(await client.subscribe('devices/dev/event/+', 1)).toBe(1)
  await publisher.mqtt.publishAsync('devices/dev/event/motion', 'x', { qos: 2 })
  expect((await client.message('devices/dev/event/motion')).qos).toBe(1)
  await using zero = await connectWithToken(running.wsUrl, token)
  await zero.subscribe('devices/dev/#', 0)
  expect(await zero.message(topics.presence('dev'))).toMatchObject({ qos: 0, retain: true })
  await client[Symbol.asyncDispose]()
})

test('13: nobody writes below $, and only operators read there: a forged $SYS message kicks nobody', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const { client: mallory } = await registerUser(running, 'mallory')
  expect(await mallory.subscribe('$SYS/#')).toBe(128)
  expect(await mallory.subscribe('#')).toBe(128)
  await mallory.mqtt.publishAsync('$SYS/other/new/clients', alice.id, { qos: 1 })
  await mallory.message(topics.notify(mallory.id, 'denied'))
  expect((await alice.request('account/me')).code).toBe(0)
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  expect(await operator.subscribe('$SYS/#')).toBe(0)
  await using newcomer = await connectGuest(running.wsUrl)
  await operator.message('$SYS/+/new/clients', ({ payload }) => payload === newcomer.id)
  await alice[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})

test('14: a refused publish is acknowledged and the session goes on; the twentieth in a minute ends it', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  for (let i = 0; i < 19; i++) await guest.mqtt.publishAsync('devices/x/state', '{}', { qos: 1 })
  expect((await guest.request('account/me')).code).toBe(4003)
  expect(JSON.parse((await guest.message(topics.notify(guest.id, 'denied'))).payload)).toMatchObject({
    topic: 'devices/x/state',
    rule: 'no-rule',
  })
  guest.mqtt.publish('devices/x/state', '{}')
  await guest.closed()
  expect(logged(running, 'session-closed', 'too-many-refused-publishes')).toBe(true)
})

test('15: a login body reaches no subscriber and is never retained, whatever its flags', async () => {
  const mqttStore = createMemoryStore()
  await using running = await startApp({ mqttStore })
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  for (const filter of ['devices/#', 'ops/#', '$SYS/#']) expect(await operator.subscribe(filter)).toBe(0)
  await using guest = await connectGuest(running.wsUrl)
  const body = JSON.stringify({ username: 'alice', password, code: wechatCode('alice') })
  await guest.mqtt.publishAsync(topics.request(guest.id, 'auth/register'), body, { qos: 1 })
  await guest.message(topics.reply(guest.id, 'auth/register'))
  await guest.mqtt.publishAsync(topics.request(guest.id, 'auth/register'), body, { qos: 1, retain: true })
  await guest.message(topics.notify(guest.id, 'denied'))
  const retained = await mqttStore.createRetainedStream('#').toArray()
  expect(JSON.stringify([retained, operator.received])).not.toContain(password)
})

test('16: a client id is taken over only by its own principal; anybody else gets CONNACK 2 and the holder notices nothing', async () => {
  await using running = await startApp()
  const { client: alice, token } = await registerUser(running, 'alice')
  const { token: malloryToken, client: mallory } = await registerUser(running, 'mallory')
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await expect(connectClient(running.wsUrl, { clientId: alice.id })).rejects.toMatchObject({ code: 2 })
  await expect(connectWithToken(running.wsUrl, malloryToken, { clientId: alice.id })).rejects.toMatchObject({ code: 2 })
  await expect(connectWithToken(running.wsUrl, malloryToken, { clientId: device.id })).rejects.toMatchObject({
    code: 2,
  })
  await expect(connectClient(running.mqttUrl, { clientId: device.id })).rejects.toMatchObject({ code: 2 })
  expect((await alice.request('account/me')).code).toBe(0)
  await using successor = await connectWithToken(running.wsUrl, token, { clientId: alice.id })
  await alice.closed()
  expect((await successor.request('account/me')).code).toBe(0)
  await mallory[Symbol.asyncDispose]()
})

test('16: a stored session waits for its owner; nobody else can read it or wipe it', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'dev')
  const { token: malloryToken, client: mallory } = await registerUser(running, 'mallory')
  const stored = { clientId: 'stored', clean: false }
  const first = await connectWithToken(running.wsUrl, token, stored)
  await first.subscribe('devices/+/event/+', 1)
  await first[Symbol.asyncDispose]()
  await expect.poll(() => logged(running, 'session-closed', '"stored"')).toBe(true)
  await expect(
    connectWithToken(running.wsUrl, malloryToken, { clientId: 'stored', clean: true }),
  ).rejects.toMatchObject({ code: 2 })
  await using publisher = await connectAsDevice(running, device)
  await publisher.mqtt.publishAsync('devices/dev/event/motion', 'kept', { qos: 1 })
  await using back = await connectWithToken(running.wsUrl, token, stored)
  expect((await back.message('devices/dev/event/motion')).payload).toBe('kept')
  await client[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})

test('17: a will is allowed what a publish is, at CONNECT and again when it is sent', async () => {
  await using running = await startApp()
  const { device, client } = await ownerOf(running, 'dev')
  const { token: malloryToken, client: mallory } = await registerUser(running, 'mallory')
  const will = (topic: string) => ({ will: { topic, payload: Buffer.from('will'), qos: 1 as const, retain: false } })
  await expect(connectClient(running.wsUrl, will('devices/dev/set'))).rejects.toMatchObject({ code: 5 })
  await expect(connectWithToken(running.wsUrl, malloryToken, will('devices/dev/set'))).rejects.toMatchObject({
    code: 5,
  })
  await expect(
    connectWithToken(running.wsUrl, malloryToken, { clientId: 'm', ...will('request/m/auth/logout') }),
  ).rejects.toMatchObject({ code: 5 })

  await client.subscribe('devices/dev/event/+', 1)
  const dying = await connectAsDevice(running, device, will('devices/dev/event/died'))
  dying.mqtt.stream.destroy()
  expect((await client.message('devices/dev/event/died')).payload).toBe('will')

  const before = client.received.length
  const disabled = await connectAsDevice(running, device, will('devices/dev/event/late'))
  await running.admin.provisioning.setDisabled('dev', true)
  await disabled.closed()
  await expect.poll(() => logged(running, 'device-offline', 'device-disabled')).toBe(true)
  expect((await client.request('account/me')).code).toBe(0)
  expect(client.received.slice(before).filter(({ topic }) => topic.endsWith('/late'))).toEqual([])
  await Promise.all([client[Symbol.asyncDispose](), mallory[Symbol.asyncDispose]()])
})

test('a guest is closed when it asks nothing, and there are only so many from one address', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, guest: { idleSeconds: 1, maxSeconds: 600, perAddress: 2 } }),
  })
  const guests = [await connectGuest(running.wsUrl), await connectGuest(running.wsUrl)]
  await expect(connectGuest(running.wsUrl)).rejects.toMatchObject({ code: 3 })
  await Promise.all(guests.map(guest => guest.closed()))
  expect(logged(running, 'session-closed', 'guest-idle')).toBe(true)
  await using next = await connectGuest(running.wsUrl)
  expect(next.mqtt.connected).toBe(true)
})

test('a redelivered QoS 2 request is carried out once', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'twice', username: 'jwt', password: token })
  const request = {
    cmd: 'publish',
    topic: 'request/twice/account/me',
    payload: '{}',
    qos: 2,
    messageId: 7,
    retain: false,
  } as const
  const answered = () =>
    running.lines.filter(line => line.includes('"request-answered"') && line.includes('account/me')).length
  await exchange(raw, { ...request, dup: false })
  await exchange(raw, { ...request, dup: true })
  await expect.poll(answered).toBe(1)
  expect((await client.request('account/me')).code).toBe(0)
  expect(answered()).toBe(2)
  raw.close()
  await client[Symbol.asyncDispose]()
})

test('a WebSocket is refused elsewhere than at /mqtt, without the subprotocol, and from an origin that is not allowed', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, wsOrigins: ['https://ours.example'] } }),
  })
  const { WebSocket } = await import('ws')
  const statusOf = async (path: string, protocols: string[], origin?: string) => {
    const ws = new WebSocket(`ws://127.0.0.1:${running.app.ports.http}${path}`, protocols, origin ? { origin } : {})
    const [, response] = await once(ws, 'unexpected-response')
    ws.on('error', () => {})
    ws.terminate()
    return response.statusCode
  }
  expect(await statusOf('/other', ['mqtt'])).toBe(404)
  expect(await statusOf('/mqtt', [])).toBe(400)
  expect(await statusOf('/mqtt', ['mqtt'], 'https://evil.example')).toBe(403)
  await using allowed = await connectClient(running.wsUrl, { wsOptions: { origin: 'https://ours.example' } })
  expect(allowed.mqtt.connected).toBe(true)
})
