import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Write } from '../../src/domain/mqtt-state/write.ts'
import { storeFailing, storeWith, storeWithGate } from '../support/gated-store.ts'
import { connectClient, connectWithToken, type TestClient } from '../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { connectAsDevice, leave, logged, operatorToken, ownerOf, password, registerUser } from '../support/story.ts'

const stored = { clientId: 'nodered', clean: false } as const

/** A token of an integration that may read every device. */
async function readerToken({ admin }: RunningApp, name = 'flows'): Promise<{ token: string; id: string }> {
  const acl = [
    { permission: 'allow', action: 'subscribe', topic: 'devices/#' },
    { permission: 'allow', action: 'all', topic: 'app/#' },
  ] as const
  return admin.tokens.issueForService(name, acl, 3600)
}

/** Somebody has a stored session by the id `nodered`, in which an event of their device waits. */
async function squat(running: RunningApp) {
  const { device, client, token, userId } = await ownerOf(running, 's1')
  const squatter = await connectWithToken(running.wsUrl, token, stored)
  await squatter.subscribe('devices/s1/event/+', 1)
  await leave(running, squatter)
  const sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'private', { qos: 1 })
  return { client, token, userId, sensor, username: `owner-of-s1` }
}

const events = ({ received }: TestClient) => received.filter(({ topic }) => topic.startsWith('devices/'))

/** What a client has by now, when a later message has come. */
async function allEvents(reader: TestClient, sensor: TestClient) {
  await reader.subscribe('devices/s1/event/last', 1)
  await sensor.mqtt.publishAsync('devices/s1/event/last', 'last', { qos: 1 })
  await reader.message('devices/s1/event/last')
  return events(reader).map(({ payload }) => payload)
}

test('an integration takes the client id that a user has stored a session by, reads nothing of it, and keeps it, a restart notwithstanding', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-ids-'))
  let userToken = ''
  let service = { token: '' }
  {
    await using running = await startApp({ dataDir })
    const { token, client, sensor } = await squat(running)
    userToken = token
    service = await readerToken(running)
    const flows = await connectWithToken(running.mqttUrl, service.token, stored)
    expect(await allEvents(flows, sensor)).toEqual(['last'])
    expect(logged(running, '"session-displaced"', 'nodered', 'owner-of-s1', 'service:flows')).toBe(true)
    await expect(connectWithToken(running.wsUrl, token, stored)).rejects.toMatchObject({ code: 2 })
    await leave(running, flows)
    await expect(connectWithToken(running.wsUrl, token, { ...stored, clean: true })).rejects.toMatchObject({ code: 2 })
    for (const one of [client, sensor]) await one[Symbol.asyncDispose]()
  }
  await using running = await startApp({ dataDir })
  await expect(connectWithToken(running.wsUrl, userToken, stored)).rejects.toMatchObject({ code: 2 })
  await using back = await connectWithToken(running.mqttUrl, service.token, stored)
  expect(events(back)).toEqual([])
  await rm(dataDir, { recursive: true, force: true })
})

test('an integration displaces a user who is connected: the will of that connection is sent, and the user does not get the id back', async () => {
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 'lamp-1', 'lamp')
  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe('devices/lamp-1/set', 1)
  const will = { topic: 'devices/lamp-1/set', payload: Buffer.from('{"on":false}'), qos: 1 as const, retain: false }
  const user = await connectWithToken(running.wsUrl, token, { ...stored, will })
  const { token: flows } = await readerToken(running)
  await using reader = await connectWithToken(running.mqttUrl, flows, { ...stored, clean: true })
  await user.closed()
  expect((await lamp.message('devices/lamp-1/set')).payload).toBe('{"on":false}')
  expect(logged(running, '"session-closed"', 'nodered', '"displaced"', 'owner-of-lamp-1')).toBe(true)
  await expect(connectWithToken(running.wsUrl, token, { clientId: 'nodered' })).rejects.toMatchObject({ code: 2 })
  expect(reader.mqtt.connected).toBe(true)
  await client[Symbol.asyncDispose]()
})

test('among equals the holder stays, live or stored: users, integrations, an operator and an integration', async () => {
  await using running = await startApp()
  const [alice, bob] = [await registerUser(running, 'alice'), await registerUser(running, 'bob')]
  const [one, other] = [await readerToken(running, 'one'), await readerToken(running, 'other')]
  const root = await operatorToken(running)
  for (const [clientId, holder, rival] of [
    ['a', alice.token, bob.token],
    ['b', one.token, other.token],
    ['c', one.token, root],
    ['d', root, one.token],
    ['e', one.token, alice.token],
    ['f', root, alice.token],
  ] as const) {
    const as = { clientId, clean: false }
    const held = await connectWithToken(running.mqttUrl, holder, as)
    await expect(connectWithToken(running.mqttUrl, rival, as), clientId).rejects.toMatchObject({ code: 2 })
    await leave(running, held)
    await expect(connectWithToken(running.mqttUrl, rival, as), clientId).rejects.toMatchObject({ code: 2 })
    await using back = await connectWithToken(running.mqttUrl, holder, as)
    expect(back.mqtt.connected).toBe(true)
  }
  for (const { client } of [alice, bob]) await client[Symbol.asyncDispose]()
})

test.each([
  ['disabled', ({ admin }: RunningApp, name: string) => admin.administration.setDisabled(name, true)],
  ['signed out everywhere', ({ admin }: RunningApp, name: string) => admin.administration.revokeTokens(name)],
] as const)(
  'when an account is %s, its client ids are free: whoever comes finds nothing of it and stays',
  async (_how, end) => {
    await using running = await startApp()
    const { client, sensor, username, token } = await squat(running)
    const live = await connectWithToken(running.wsUrl, token, { clientId: 'live' })
    const bob = await registerUser(running, 'bob')
    const shared = await client.request('device/share', { deviceId: 's1', role: 'viewer' })
    const { invitation } = shared.data as { invitation: string }
    expect((await bob.client.request('device/accept', { invitation })).code).toBe(0) // so that the policy would let it read
    await end(running, username)
    await live.closed()
    await using taker = await connectWithToken(running.wsUrl, bob.token, stored)
    expect(await allEvents(taker, sensor)).toEqual(['last'])
    await using liveToo = await connectWithToken(running.wsUrl, bob.token, { clientId: 'live' })
    expect(liveToo.mqtt.connected).toBe(true)
    await running.admin.administration.setDisabled(username, false)
    const again = await running.admin.administration.issueToken({ user: username })
    if (typeof again === 'string') throw new Error(again)
    await expect(connectWithToken(running.wsUrl, again.token, stored)).rejects.toMatchObject({ code: 2 })
    for (const one of [client, sensor, bob.client]) await one[Symbol.asyncDispose]()
  },
)

test("when an integration's token is revoked its client id is free for anybody, and for nobody before", async () => {
  await using running = await startApp()
  const { client: alice, token } = await registerUser(running, 'alice')
  const service = await readerToken(running)
  await using root = await connectWithToken(running.wsUrl, await operatorToken(running))
  await leave(running, await connectWithToken(running.mqttUrl, service.token, stored))
  await expect(connectWithToken(running.wsUrl, token, stored)).rejects.toMatchObject({ code: 2 })
  expect((await root.request('ops/token/revoke', { tokenId: service.id })).code).toBe(0)
  await using taker = await connectWithToken(running.wsUrl, token, stored)
  expect(taker.mqtt.connected).toBe(true)
  await alice[Symbol.asyncDispose]()
})

test('a former holder who comes back first, with new rights, finds what was queued before', async () => {
  await using running = await startApp()
  const { client, sensor, username } = await squat(running)
  await running.admin.administration.revokeTokens(username)
  await client.closed()
  const again = await running.admin.administration.issueToken({ user: username })
  if (typeof again === 'string') throw new Error(again)
  await using back = await connectWithToken(running.wsUrl, again.token, stored)
  expect((await back.message('devices/s1/event/motion')).payload).toBe('private')
  await sensor[Symbol.asyncDispose]()
})

const isForgetting = (write: Write): boolean => write.kind === 'forgotten' && write.clientId === 'nodered'

test('while the session of a lower one is being wiped, it does not get the id back', async () => {
  const { store: mqttStore, open, asked, control } = storeWithGate(isForgetting)
  control.gated = false
  await using running = await startApp({ mqttStore })
  const { client, token, sensor } = await squat(running)
  const { token: flows } = await readerToken(running)
  control.gated = true
  const connecting = connectWithToken(running.mqttUrl, flows, stored)
  await asked
  await expect(connectWithToken(running.wsUrl, token, stored)).rejects.toMatchObject({ code: 2 })
  open()
  const reader = await connecting
  expect(await allEvents(reader, sensor)).toEqual(['last'])
  for (const one of [client, sensor, reader]) await one[Symbol.asyncDispose]()
})

test('an id whose stored session cannot be wiped is not given away: CONNACK 3, and the next try succeeds', async () => {
  const { store: mqttStore, control } = storeFailing(isForgetting, 0)
  await using running = await startApp({ mqttStore })
  const { client, sensor } = await squat(running)
  const { token: flows } = await readerToken(running)
  control.left = 1
  await expect(connectWithToken(running.mqttUrl, flows, stored)).rejects.toMatchObject({ code: 3 })
  await using reader = await connectWithToken(running.mqttUrl, flows, stored)
  expect(await allEvents(reader, sensor)).toEqual(['last'])
  for (const one of [client, sensor]) await one[Symbol.asyncDispose]()
})

test('a stored session is not handed to another account that signs in on its connection: code 1009', async () => {
  await using running = await startApp()
  const { client, token, username, sensor } = await squat(running)
  const bob = await registerUser(running, 'bob')
  await using phone = await connectWithToken(running.wsUrl, token, stored)
  await phone.message('devices/s1/event/motion')
  expect((await phone.request('auth/logout')).code).toBe(0)
  const signIn = async (name: string) => (await phone.request('auth/signin', { username: name, password })).code
  expect(await signIn('bob')).toBe(1009)
  expect(await signIn(username)).toBe(0)
  for (const one of [client, sensor, bob.client]) await one[Symbol.asyncDispose]()
})

test('a CONNECT of a lower principal that was on its way neither ends the session that displaced it nor deletes anything of it', async () => {
  let wiped = 0
  const gated = storeWithGate(({ kind }) => kind === 'will')
  const mqttStore = storeWith(
    inner => ({
      commit(batch) {
        wiped += batch.filter(isForgetting).length
        return inner.commit(batch)
      },
    }),
    gated.store,
  )
  await using running = await startApp({ mqttStore })
  const { client, token } = await ownerOf(running, 's1')
  const { token: flows } = await readerToken(running)
  const will = { topic: 'devices/s1/set', payload: Buffer.from('{}'), qos: 0 as const, retain: false }
  const late = connectWithToken(running.wsUrl, token, { clientId: 'nodered', will }).catch(() => {})
  await gated.asked
  await using reader = await connectClient(running.mqttUrl, { clientId: 'nodered', username: 'jwt', password: flows })
  gated.open()
  await late
  expect(await reader.subscribe('app/x', 1)).toBe(1)
  await reader.mqtt.publishAsync('app/x', 'still here', { qos: 1 })
  expect((await reader.message('app/x')).payload).toBe('still here')
  expect(running.app.connectedClients()).toBe(2)
  expect(wiped).toBe(0)
  await client[Symbol.asyncDispose]()
})
