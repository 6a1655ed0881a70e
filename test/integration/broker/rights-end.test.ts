import { join } from 'node:path'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { storeWithGate } from '../../support/gated-store.ts'
import { startGatedWechat } from '../../support/gated-wechat.ts'
import { connectClient, connectGuest, connectWithToken } from '../../support/mqtt-client.ts'
import { connectWithWill } from '../../support/packets.ts'
import { connectRaw, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { startBroker } from '../../support/start-broker.ts'
import { addDevice, connectAsDevice, leave, logged, ownerOf, password, registerUser } from '../../support/story.ts'

/** How many tokens are on record, and how many of them are not revoked. */
function tokensOf({ config }: RunningApp): { issued: number; valid: number } {
  const database = new Database(join(config.dataDir, 'latchkey.db'), { readonly: true })
  const row = database.prepare('select count(*) as issued, sum(revoked_at_ms is null) as valid from token').get()
  database.close()
  return row as { issued: number; valid: number }
}

test('signing out everywhere ends the session that took the asking one over meanwhile', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({ env: wechat.env })
  const { client, token } = await registerUser(running, 'alice')
  await client[Symbol.asyncDispose]()
  await using first = await connectWithToken(running.wsUrl, token, { clientId: 'same' })
  first.send('auth/login', { code: 'slow:nobody' })
  first.send('auth/logout', { everywhere: true })
  await wechat.asked
  await using second = await connectWithToken(running.wsUrl, token, { clientId: 'same' })
  await first.closed()
  expect((await second.request('account/me')).code).toBe(0)
  wechat.answer()
  await expect.poll(() => logged(running, 'request-answered', 'auth/logout', '"code":0')).toBe(true)
  await expect(connectWithToken(running.wsUrl, token)).rejects.toMatchObject({ code: 5 })
  await expect.poll(() => second.mqtt.connected).toBe(false)
})

test('a sign-in that was answered 5000 for taking too long does not take effect later, over another one', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({
    env: wechat.env,
    configure: c => ({ ...c, limits: { ...c.limits, requestTimeoutMs: 300 } }),
  })
  for (const name of ['alice', 'bob']) {
    const guest = await connectGuest(running.wsUrl)
    const registered = await guest.request('auth/register', { username: name, password, code: `quick:${name}` })
    expect(registered.code).toBe(0)
    await guest[Symbol.asyncDispose]()
  }
  await using guest = await connectGuest(running.wsUrl)
  expect((await guest.request('auth/login', { code: 'slow:alice' })).code).toBe(5000)
  expect((await guest.request('auth/signin', { username: 'bob', password })).code).toBe(0)
  wechat.answer()
  await expect.poll(() => tokensOf(running)).toEqual({ issued: 4, valid: 3 }) // two registered, bob signed in, and alice was too late
  expect((await guest.request('account/me')).data).toMatchObject({ username: 'bob' })
})

test('a sign-in that ends after its connection was closed leaves no valid token', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({ env: wechat.env })
  const guest = await connectGuest(running.wsUrl)
  await guest.request('auth/register', { username: 'alice', password, code: 'quick:alice' })
  await guest.request('auth/logout')
  expect(tokensOf(running).valid).toBe(0)
  guest.send('auth/login', { code: 'slow:alice' })
  await wechat.asked
  await leave(running, guest)
  wechat.answer()
  await expect.poll(() => logged(running, 'request-answered', 'auth/login')).toBe(true)
  expect(tokensOf(running).valid).toBe(0)
})

test('a request that waited behind another is not carried out for an account that was disabled meanwhile', async () => {
  await using wechat = await startGatedWechat()
  await using running = await startApp({ env: wechat.env })
  const { client, token } = await ownerOf(running, 's1')
  await using first = await connectWithToken(running.wsUrl, token, { clientId: 'first' })
  first.send('auth/login', { code: 'slow:nobody' })
  await first.mqtt.publishAsync(
    topics.request('first', 'device/rename'),
    JSON.stringify({ deviceId: 's1', name: 'renamed too late' }),
    { qos: 1 },
  )
  await wechat.asked
  await leave(running, first)
  await running.admin.administration.setDisabled('owner-of-s1', true)
  await client.closed()
  wechat.answer()
  await expect.poll(() => logged(running, 'request-answered', 'device/rename')).toBe(true)
  expect((await running.admin.store.devices.deviceById('s1'))?.name).not.toBe('renamed too late')
})

test("a refused CONNECT with a device's new secret does not save the session that holds the old one", async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await using old = await connectAsDevice(running, device)
  expect(await old.subscribe(topics.set('lamp-1'), 1)).toBe(1)
  const reset = await running.admin.provisioning.resetDevice('lamp-1')
  if (reset === 'unknown') throw new Error(reset)
  const will = { topic: 'devices/other/state', payload: Buffer.from('x'), qos: 0 as const, retain: false }
  await expect(connectAsDevice(running, { ...device, secret: reset.secret }, { will })).rejects.toMatchObject({
    code: 5,
  })
  await expect.poll(() => old.mqtt.connected).toBe(false)
})

test('a session whose rights could not be looked up is looked at again', async () => {
  let asked = 0
  await using running = await startBroker({
    authenticator: {
      recheck: async principal => {
        asked++
        if (asked === 1) return principal
        if (asked === 2) throw new Error('database is locked')
        return 'token-revoked'
      },
    },
  })
  await using user = await connectClient(running.url, { clientId: 'c', username: 'jwt', password: 'x' })
  await expect.poll(() => asked).toBe(1)
  void running.orders.give('store-changed-elsewhere', {})
  await expect.poll(() => running.faults).toContain('recheck')
  await expect.poll(() => user.mqtt.connected).toBe(false)
})

/** Of a user who owns `s1`: a CONNECT that leaves a will waits for the store. */
const will = { topic: 'devices/s1/set', payload: Buffer.from('{}'), qos: 0 as const, retain: false }

test('a session that is being taken over cannot give its stored successor away', async () => {
  const { store: mqttStore, open, asked } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startApp({ mqttStore })
  const { client, token } = await ownerOf(running, 's1')
  const { client: mallory, token: malloryToken } = await registerUser(running, 'mallory')
  await using first = await connectWithToken(running.wsUrl, token, { clientId: 'same' })
  const connecting = connectWithToken(running.wsUrl, token, { clientId: 'same', clean: false, will })
  await asked
  await first.request('auth/refresh')
  open()
  const second = await connecting
  await first.closed()
  await second[Symbol.asyncDispose]()
  await expect
    .poll(() => running.lines.filter(line => line.includes('session-closed') && line.includes('"same"')).length)
    .toBe(2)
  await expect(connectWithToken(running.wsUrl, malloryToken, { clientId: 'same', clean: false })).rejects.toMatchObject(
    {
      code: 2,
    },
  )
  await Promise.all([client[Symbol.asyncDispose](), mallory[Symbol.asyncDispose]()])
})

test('what was queued for a user reaches nobody else, although a CONNECT that was to delete it died', async () => {
  const { store: mqttStore, open, asked } = storeWithGate(({ kind }) => kind === 'will')
  await using running = await startApp({ mqttStore })
  const { client, token } = await ownerOf(running, 's1')
  const { client: mallory, token: malloryToken } = await registerUser(running, 'mallory')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, {
    clientId: 'same',
    username: 'jwt',
    password: token,
    clean: false,
  })
  const packets = packetsOf(raw)
  raw.send(subscribePacket(1, 'notify/same/#', 1))
  await expect.poll(() => packets.some(({ cmd }) => cmd === 'suback')).toBe(true)
  expect((await client.request('device/rename', { deviceId: 's1', name: 'in the bedroom' })).code).toBe(0)
  await expect.poll(() => packets.some(({ cmd }) => cmd === 'publish')).toBe(true)
  raw.close()
  await expect.poll(() => logged(running, 'session-closed', '"same"')).toBe(true)
  const dying = await openTcp(running.app.ports.mqtt)
  dying.send(connectWithWill('same', true, will.topic, token))
  await asked
  dying.close()
  await dying.closed
  expect((await client.request('account/me')).code).toBe(0)
  open()
  await expect
    .poll(async () => {
      const result = await connectWithToken(running.wsUrl, token, { clientId: 'probe' })
      await result[Symbol.asyncDispose]()
      return true
    })
    .toBe(true)
  const thief = await connectClient(running.wsUrl, {
    clientId: 'same',
    username: 'jwt',
    password: malloryToken,
    clean: false,
  }).catch(() => undefined)
  if (thief) {
    await thief.subscribe('reply/same/#', 1)
    await thief.request('account/me')
  }
  expect(thief?.received.filter(({ topic }) => topic.startsWith('notify/')) ?? []).toEqual([])
  await thief?.[Symbol.asyncDispose]()
  await Promise.all([client[Symbol.asyncDispose](), mallory[Symbol.asyncDispose]()])
})
