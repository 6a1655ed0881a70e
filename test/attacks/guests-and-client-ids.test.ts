import { connectAsync, type MqttClient, UniqueMessageIdProvider } from 'mqtt'
import { expect, test } from 'vitest'
import { connectClient, connectGuest, connectWithToken, wechatCode } from '../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice, leave, logged, ownerOf, password, registerUser } from '../support/story.ts'

/** Devices in every state that there is, and what is none. */
async function idsOfAllKinds(running: RunningApp) {
  const { client: alice, token } = await registerUser(running, 'alice')
  const [online, stored, offline, disabled] = await Promise.all(
    ['online', 'stored', 'offline', 'disabled'].map(id => addDevice(running, 'lamp', id)),
  )
  if (!online || !stored || !offline || !disabled) throw new Error('no devices')
  const lamp = await connectAsDevice(running, online)
  await leave(running, await connectAsDevice(running, stored, { clean: false }))
  await running.admin.provisioning.setDisabled('disabled', true)
  const phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone' })
  return { ids: ['online', 'stored', 'offline', 'disabled', 'phone', 'no-such'], lamp, phone, alice, token }
}

test('a stranger is let in by any client id, and cannot tell whether it is a device, a user, or nobody', async () => {
  await using running = await startApp()
  const { ids, lamp, phone, alice } = await idsOfAllKinds(running)
  for (const clientId of ids) {
    await using guest = await connectGuest(running.wsUrl, { clientId })
    const answers = [
      await guest.subscribe(`devices/${clientId}/state`),
      (await guest.request('account/me')).code,
      (await guest.request('auth/signin', { username: 'nobody', password })).code,
    ]
    expect(answers, clientId).toEqual([128, 4003, 1])
    expect(guest.received.map(({ topic }) => topic.split('/')[0]).filter(root => root !== 'reply')).toEqual([])
  }
  for (const holder of [lamp, phone]) expect(holder.mqtt.connected).toBe(true)
  for (const one of [lamp, phone, alice]) await one[Symbol.asyncDispose]()
})

test('a wrong secret has one answer, whether the device is there, connected, disabled or not registered', async () => {
  await using running = await startApp()
  const { ids, lamp, phone, alice } = await idsOfAllKinds(running)
  for (const id of ids) {
    const connecting = connectClient(running.mqttUrl, { clientId: id, username: id, password: 'wrong' })
    await expect(connecting, id).rejects.toMatchObject({ code: 4 })
  }
  expect(lamp.mqtt.connected).toBe(true)
  for (const one of [lamp, phone, alice]) await one[Symbol.asyncDispose]()
})

/** What a fifth of them stay below: what the broker does counts each time, what others do on this machine does not. */
const undisturbed = (values: readonly number[] = []) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 5)] ?? Number.NaN

test.each([
  ['a guest', {}],
  ['a wrong secret', { password: 'wrong' }],
])('%s is answered after the same time, by an id that exists and one that does not', async (_who, credentials) => {
  await using running = await startApp({ limits: { connectionsPerSecond: 10_000 } })
  const device = await addDevice(running, 'lamp', 'online')
  await using _lamp = await connectAsDevice(running, device)
  await addDevice(running, 'lamp', 'offline')
  const took: Record<string, number[]> = { online: [], offline: [], 'no-such': [] }
  for (let round = 0; round < 80; round++) {
    const order = Object.entries(took) // each is first, and last, as often as the others
    for (const [clientId, times] of [...order.slice(round % 3), ...order.slice(0, round % 3)]) {
      const options = { clientId, reconnectPeriod: 0, protocolVersion: 4 as const }
      const asDevice = 'password' in credentials ? { username: clientId, ...credentials } : {}
      const startedAtMs = performance.now()
      const client: MqttClient | undefined = await connectAsync(
        running.mqttUrl,
        { ...options, ...asDevice },
        false,
      ).catch(() => undefined)
      times.push(performance.now() - startedAtMs)
      await client?.endAsync(true)
    }
  }
  const none = undisturbed(took['no-such'])
  for (const id of ['online', 'offline']) {
    expect(undisturbed(took[id]) / none).toBeGreaterThan(0.5)
    expect(undisturbed(took[id]) / none).toBeLessThan(2)
  }
})

test('a guest holds no client id: a client with credentials is let in with it, and several guests use one at once', async () => {
  await using running = await startApp()
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const { client: alice, token } = await registerUser(running, 'alice')
  const guests = []
  for (const clientId of ['lamp-1', 'lamp-1', 'phone']) guests.push(await connectGuest(running.wsUrl, { clientId }))
  await using lamp = await connectAsDevice(running, device)
  await using phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  expect([lamp, phone].map(one => one.mqtt.connected)).toEqual([true, true])
  await leave(running, phone)
  await using again = await connectGuest(running.wsUrl, { clientId: 'phone' }) // it wipes nothing of what is stored by that id
  await using back = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  expect(back.mqtt.connected).toBe(true)
  expect(again.mqtt.connected).toBe(true)
  for (const one of [alice, ...guests]) await one[Symbol.asyncDispose]()
})

test("a guest that came by a device's id is refused signing in, with what to do; nothing is registered or bound", async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  await addDevice(running, 'lamp', 'lamp-1')
  await using guest = await connectGuest(running.wsUrl, { clientId: 'lamp-1' })
  const code = () => wechatCode('bob')
  const refused = { code: 1009, msg: expect.stringContaining('another client id'), data: null }
  expect(await guest.request('auth/register', { username: 'bob', password, code: code() })).toMatchObject(refused)
  expect(await guest.request('auth/bind', { username: 'alice', password, code: code() })).toMatchObject(refused)
  expect(await guest.request('auth/signin', { username: 'alice', password })).toMatchObject(refused)
  expect(await guest.request('auth/login', { code: wechatCode('alice') })).toMatchObject(refused)
  expect((await guest.request('account/me')).code).toBe(4003)
  await using other = await connectGuest(running.wsUrl)
  expect((await other.request('auth/login', { code: code() })).code).toBe(1001)
  expect((await other.request('auth/register', { username: 'bob', password, code: code() })).code).toBe(0)
  await alice[Symbol.asyncDispose]()
})

test('a guest that signs in takes over the session of its own account by that id, and none of an equal', async () => {
  await using running = await startApp()
  const { client: alice, token } = await registerUser(running, 'alice')
  const { client: bob } = await registerUser(running, 'bob')
  const phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone' })
  await using guest = await connectGuest(running.wsUrl, { clientId: 'phone' })
  expect((await guest.request('auth/signin', { username: 'bob', password })).code).toBe(1009)
  expect(phone.mqtt.connected).toBe(true)
  expect((await guest.request('auth/signin', { username: 'alice', password })).code).toBe(0)
  await phone.closed()
  expect(logged(running, '"session-closed"', '"phone"', '"taken-over"')).toBe(true)
  await using rival = await connectGuest(running.wsUrl, { clientId: 'phone' })
  expect((await rival.request('auth/signin', { username: 'bob', password })).code).toBe(1009)
  await expect(connectWithToken(running.wsUrl, token, { clientId: 'phone' })).resolves.toBeDefined()
  await guest.closed()
  for (const one of [alice, bob]) await one[Symbol.asyncDispose]()
})

test('of two messages at QoS 2 under one packet id none is taken for the other, on a connection that began as a guest', async () => {
  await using running = await startApp()
  const { device, client: alice } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe('devices/lamp-1/set', 1)
  const messageIdProvider = new UniqueMessageIdProvider() // the lowest that is free
  await using guest = await connectGuest(running.wsUrl, { clientId: 'phone', messageIdProvider })
  expect((await guest.request('auth/signin', { username: 'owner-of-lamp-1', password })).code).toBe(0)
  for (const on of [true, false])
    await guest.mqtt.publishAsync('devices/lamp-1/set', JSON.stringify({ on }), { qos: 2 })
  await lamp.message('devices/lamp-1/set', ({ payload }) => payload === '{"on":false}')
  await alice[Symbol.asyncDispose]()
})

test('an operator sees and kicks guests by their client id', async () => {
  await using running = await startApp()
  const account = await running.admin.administration.addAccount({
    username: 'root',
    password: 'secret',
    role: 'operator',
  })
  if (typeof account === 'string') throw new Error(account)
  const { token } = await running.admin.tokens.issueForAccount(account)
  await using root = await connectWithToken(running.wsUrl, token)
  const guests = [
    await connectGuest(running.wsUrl, { clientId: 'x' }),
    await connectGuest(running.wsUrl, { clientId: 'x' }),
  ]
  expect((await root.request('ops/sessions', { search: 'x', kind: 'guest' })).data).toMatchObject({
    sessions: [{ clientId: 'x' }, { clientId: 'x' }],
  })
  expect((await root.request('ops/kick', { clientId: 'x' })).code).toBe(0)
  await Promise.all(guests.map(guest => guest.closed()))
})

test('a session that is signed in signs in as another account in place, by its own client id', async () => {
  await using running = await startApp()
  const { client: alice } = await registerUser(running, 'alice')
  const { client: bob } = await registerUser(running, 'bob')
  expect((await bob.request('auth/login', { code: wechatCode('alice') })).code).toBe(0)
  expect((await bob.request('account/me')).data).toMatchObject({ username: 'alice' })
  for (const one of [alice, bob]) await one[Symbol.asyncDispose]()
})
