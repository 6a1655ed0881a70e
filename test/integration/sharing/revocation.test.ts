import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { give, ofDevices, share, sharedLamp } from '../../support/sharing.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { leave, logged, registerUser } from '../../support/story.ts'

type SharedLamp = Awaited<ReturnType<typeof sharedLamp>>

/** Each way in which `loser` loses the lamp; `loserToken` is of a connection of its own. */
const losses: [
  string,
  (running: RunningApp) => Promise<SharedLamp & { loser: TestClient; loserToken: string; lose(): Promise<void> }>,
][] = [
  ['a controller whom the owner revokes', lossOf('controller', ({ owner, guestId }) => revoke(owner, guestId))],
  ['a viewer whom the owner revokes', lossOf('viewer', ({ owner, guestId }) => revoke(owner, guestId))],
  ['a controller who leaves', lossOf('controller', ({ guest, guestId }) => revoke(guest, guestId))],
  ['a member whose owner releases', lossOf('viewer', ({ owner }) => done(owner, 'device/release', {}))],
  [
    'an owner who hands the device over',
    async running => {
      const shared = await sharedLamp(running)
      const { owner, ownerToken, guest } = shared
      const lose = async () => give(owner, 'lamp-1', 'owner', guest)
      return { ...shared, loser: owner, loserToken: ownerToken, lose }
    },
  ],
]

function lossOf(role: 'controller' | 'viewer', lose: (shared: SharedLamp) => Promise<void>) {
  return async (running: RunningApp) => {
    const shared = await sharedLamp(running, role)
    return { ...shared, loser: shared.guest, loserToken: shared.guestToken, lose: () => lose(shared) }
  }
}

async function done(client: TestClient, operation: string, body: object): Promise<void> {
  const reply = await client.request(operation, { deviceId: 'lamp-1', ...body })
  if (reply.code !== 0) throw new Error(`${operation} answered ${JSON.stringify(reply)}`)
}
const revoke = (by: TestClient, userId: string) => done(by, 'device/revoke', { userId })

/** Everything a device may say, at QoS 1; `mark` stands in each. Resolves when the broker has it. */
async function speak(lamp: TestClient, mark: number): Promise<void> {
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), `{"brightness":${mark}}`, { qos: 1 })
  await lamp.mqtt.publishAsync(topics.ack('lamp-1'), `{"id":"${mark}","code":0}`, { qos: 1 })
  await lamp.mqtt.publishAsync(topics.event('lamp-1', 'blinked'), `${mark}`, { qos: 1 })
  await lamp.mqtt.publishAsync(topics.event('lamp-1', 'blinked'), `${mark}`)
}

/** A round trip: whatever was on its way to the client before has come. */
const settled = (client: TestClient) => client.request('account/me')

test.each(losses)('%s hears nothing more on open subscriptions, exact or followed', async (_who, setUp) => {
  await using running = await startApp()
  await using shared = await setUp(running)
  const { lamp, loser, loserToken, lose, connect } = shared
  const exact = await connect(loserToken)
  await loser.subscribe('devices/+/#', 1)
  for (const filter of [topics.state('lamp-1'), topics.ack('lamp-1'), topics.event('lamp-1', 'blinked')]) {
    expect(await exact.subscribe(filter, 1)).toBe(1)
  }
  await speak(lamp, 1)
  for (const client of [loser, exact]) await expect.poll(() => ofDevices(client).length).toBeGreaterThanOrEqual(4)

  await lose()
  for (const client of [loser, exact]) {
    await client.message(topics.notify(client.id, 'devices'), ({ payload }) => JSON.parse(payload).role === null)
  }
  const before = [loser, exact].map(client => ofDevices(client).length)
  await speak(lamp, 2)
  await leave(running, lamp) // its presence changes too
  for (const client of [loser, exact]) {
    client.mqtt.publish(topics.set('lamp-1'), '{"on":true}')
    await client.message(topics.notify(client.id, 'denied'))
    await settled(client)
  }
  expect([loser, exact].map(client => ofDevices(client).length)).toEqual(before)
})

test.each(losses)(
  '%s comes back to a stored session and gets nothing that was queued, and nothing new',
  async (_who, setUp) => {
    await using running = await startApp()
    await using shared = await setUp(running)
    const { lamp, loserToken, lose, connect } = shared
    const sessions = ['exact', 'follows']
    for (const clientId of sessions) {
      const away = await connectWithToken(running.wsUrl, loserToken, { clientId, clean: false })
      for (const filter of clientId === 'exact' ? ['state', 'ack', 'event/+', 'presence'] : ['#']) {
        expect(await away.subscribe(`devices/${clientId === 'exact' ? 'lamp-1' : '+'}/${filter}`, 1)).toBe(1)
      }
      await leave(running, away)
    }
    await speak(lamp, 1)
    await lose()
    await speak(lamp, 2)
    for (const clientId of sessions) {
      const back = await connect(loserToken, { clientId, clean: false })
      await speak(lamp, 3)
      await settled(back)
      expect(ofDevices(back), clientId).toEqual([])
    }
  },
)

test('what is queued for a member is delivered to the stored session: the tests of losing it would see it', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'viewer')
  const away = await connectWithToken(running.wsUrl, shared.guestToken, { clientId: 'away', clean: false })
  await away.subscribe('devices/lamp-1/event/+', 1)
  await leave(running, away)
  await speak(shared.lamp, 1)
  const back = await shared.connect(shared.guestToken, { clientId: 'away', clean: false })
  await back.message('devices/lamp-1/event/+')
})

test('commands that were queued for a controller are not delivered to the viewer they became', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'controller')
  const { lamp, owner, guest, guestToken, connect } = shared
  await lamp.subscribe(topics.set('lamp-1'), 1)
  const away = await connectWithToken(running.wsUrl, guestToken, { clientId: 'away', clean: false })
  await away.subscribe('devices/+/#', 1)
  await leave(running, away)
  await owner.mqtt.publishAsync(topics.set('lamp-1'), '{"brightness":1}', { qos: 1 })
  await speak(lamp, 1)
  await give(owner, 'lamp-1', 'viewer', guest)
  const back = await connect(guestToken, { clientId: 'away', clean: false })
  await back.message('devices/lamp-1/event/+')
  await settled(back)
  expect(ofDevices(back).map(({ topic }) => topic)).not.toContain(topics.set('lamp-1'))
})

test.each(losses)(
  '%s gets nothing retained: at the moment of losing it, on a new subscription, on a new connection',
  async (_who, setUp) => {
    await using running = await startApp()
    await using shared = await setUp(running)
    const { lamp, loser, loserToken, lose, connect } = shared
    await loser.subscribe('devices/+/state', 1)
    await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
    await loser.message(topics.state('lamp-1'))
    const before = ofDevices(loser).length
    await lose()
    await loser.message(topics.notify(loser.id, 'devices'), ({ payload }) => JSON.parse(payload).role === null)
    const fresh = await connect(loserToken)
    for (const client of [loser, fresh]) {
      expect(await client.subscribe(topics.state('lamp-1'), 1)).toBe(128)
      expect(await client.subscribe(topics.presence('lamp-1'), 1)).toBe(128)
      expect(await client.subscribe('devices/#', 1)).toBe(1)
      await settled(client)
    }
    expect(ofDevices(loser)).toHaveLength(before)
    expect(ofDevices(fresh)).toEqual([])
    expect((await fresh.request('device/list')).data).toEqual([])
  },
)

test('a hand-over leaves state and other members, and what the former owner offered is void', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'viewer')
  const { lamp, owner, ownerId, guest, guestToken, connect } = shared
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  const open = await share(owner, 'lamp-1', 'controller')
  const { client: buyer } = await registerUser(running, 'buyer')
  await buyer.subscribe('devices/+/state')
  await give(owner, 'lamp-1', 'owner', buyer)
  expect((await buyer.message(topics.state('lamp-1'))).payload).toBe('{"on":true}')
  const watching = await connect(guestToken)
  await watching.subscribe('devices/+/state')
  expect((await watching.message(topics.state('lamp-1'))).payload).toBe('{"on":true}')
  expect((await guest.request('device/accept', { invitation: open })).code).toBe(2006)
  expect((await buyer.request('device/members', { deviceId: 'lamp-1' })).data).toMatchObject([
    { username: 'guest', role: 'viewer' },
    { username: 'buyer', role: 'owner' },
  ])
  expect((await owner.request('device/share', { deviceId: 'lamp-1', role: 'owner' })).code).toBe(2001)
  await give(buyer, 'lamp-1', 'viewer', owner)
  expect((await buyer.request('device/revoke', { deviceId: 'lamp-1', userId: ownerId })).code).toBe(0)
  await buyer[Symbol.asyncDispose]()
})

test('releasing clears what is retained, every member and every invitation', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'controller')
  const { lamp, owner, ownerToken, guest, connect } = shared
  await owner.subscribe('devices/+/state')
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  await owner.message(topics.state('lamp-1'))
  const open = await share(owner, 'lamp-1', 'owner')
  await done(owner, 'device/release', {})
  expect(await running.admin.store.devices.membersOf('lamp-1')).toEqual([])
  const reset = await running.admin.provisioning.resetDevice('lamp-1')
  if (reset === 'unknown' || reset.claimCode === null) throw new Error('no claim code')
  expect((await guest.request('device/accept', { invitation: open })).code).toBe(2006)
  await done(owner, 'device/claim', { code: reset.claimCode })
  expect((await guest.request('device/accept', { invitation: open })).code).toBe(2006)
  await expect.poll(() => logged(running, '"device-offline"', '"lamp-1"')).toBe(true) // its secret was reset: another presence
  const fresh = await connect(ownerToken)
  await fresh.subscribe('devices/+/#')
  await fresh.message(topics.presence('lamp-1'))
  await settled(fresh)
  expect(ofDevices(fresh).map(({ topic }) => topic)).toEqual([topics.presence('lamp-1')])
})

test('releasing and handing over at once: the device has the new owner, or nobody, and no session more than the store says', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running)
  const { owner, ownerToken, guest, connect } = shared
  const second = await connect(ownerToken)
  const invitation = await share(owner, 'lamp-1', 'owner')
  const [accepted, released] = await Promise.all([
    guest.request('device/accept', { invitation }),
    second.request('device/release', { deviceId: 'lamp-1' }),
  ])
  const members = await running.admin.store.devices.membersOf('lamp-1')
  expect([accepted.code, released.code]).toEqual(members.length === 1 ? [0, 2001] : [2006, 0])
  expect(await guest.subscribe(topics.set('lamp-1'))).toBe(members.length === 1 ? 0 : 128)
  expect(await owner.subscribe(topics.set('lamp-1'))).toBe(128)
})
