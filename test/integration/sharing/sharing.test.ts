import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { give, ofDevices, share, sharedLamp } from '../../support/sharing.ts'
import { startApp } from '../../support/start-app.ts'
import { registerUser } from '../../support/story.ts'

const isRole = (role: string | null) => (message: { readonly payload: string }) =>
  JSON.parse(message.payload).role === role

test('a user who accepts as a viewer sees the device on an open subscription, with its retained state, and may not set it', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running)
  const { lamp, owner, guest, ownerId, guestId } = shared
  await lamp.subscribe(topics.set('lamp-1'))
  await owner.subscribe('devices/+/state')
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  await owner.message(topics.state('lamp-1'))
  expect(await guest.subscribe('devices/+/#')).toBe(0)

  const accepted = await guest.request('device/accept', { invitation: await share(owner, 'lamp-1', 'viewer') })
  expect(accepted).toMatchObject({ code: 0, data: { id: 'lamp-1', type: 'lamp', role: 'viewer', online: true } })
  await guest.message(topics.notify(guest.id, 'devices'), isRole('viewer'))
  await owner.message(topics.notify(owner.id, 'devices'), ({ payload }) => payload === '{"deviceId":"lamp-1"}')
  await guest.message(topics.presence('lamp-1'))
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"brightness":5}', { qos: 1 })
  await guest.message(topics.state('lamp-1'), ({ payload }) => payload === '{"brightness":5}')
  guest.mqtt.publish(topics.set('lamp-1'), '{"on":false}', { qos: 1 })
  await guest.message(topics.notify(guest.id, 'denied'), ({ payload }) => payload.includes('4003'))
  expect(await guest.subscribe(topics.set('lamp-1'))).toBe(128)

  owner.mqtt.publish(topics.set('lamp-1'), '{"brightness":6}', { qos: 1 })
  await lamp.message(topics.set('lamp-1'))
  expect(lamp.received.map(({ payload }) => payload)).toEqual(['{"brightness":6}'])
  expect(ofDevices(guest).filter(({ topic }) => topic === topics.set('lamp-1'))).toEqual([])
  expect((await guest.request('device/list')).data).toMatchObject([{ id: 'lamp-1', role: 'viewer' }])
  expect((await owner.request('device/members', { deviceId: 'lamp-1' })).data).toEqual([
    { userId: ownerId, username: 'owner-of-lamp-1', role: 'owner', since: expect.any(Number) },
    { userId: guestId, username: 'guest', role: 'viewer', since: expect.any(Number) },
  ])
})

test('a controller may set; made a viewer, an open session loses that and the commands of others at once', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'controller')
  const { lamp, owner, guest } = shared
  await lamp.subscribe(topics.set('lamp-1'))
  await guest.subscribe('devices/+/#')
  guest.mqtt.publish(topics.set('lamp-1'), '{"brightness":1}', { qos: 1 })
  await lamp.message(topics.set('lamp-1'))
  await guest.message(topics.set('lamp-1'))

  await give(owner, 'lamp-1', 'viewer', guest)
  guest.mqtt.publish(topics.set('lamp-1'), '{"brightness":2}') // QoS 0: past Aedes
  guest.mqtt.publish(topics.invoke('lamp-1', 'blink'), '{}')
  guest.mqtt.publish(topics.set('lamp-1'), '{"brightness":3}', { qos: 1 })
  await expect.poll(() => guest.received.filter(({ topic }) => topic.endsWith('/denied')).length).toBe(3)
  await owner.mqtt.publishAsync(topics.set('lamp-1'), '{"brightness":4}', { qos: 1 })
  await lamp.message(topics.set('lamp-1'), ({ payload }) => payload === '{"brightness":4}')
  await lamp.mqtt.publishAsync(topics.ack('lamp-1'), '{"id":"4","code":0}', { qos: 1 })
  await guest.message(topics.ack('lamp-1'))
  expect(lamp.received.map(({ payload }) => payload)).toEqual(['{"brightness":1}', '{"brightness":4}'])
  expect(ofDevices(guest).filter(({ topic }) => topic === topics.set('lamp-1'))).toHaveLength(1)
})

test('a viewer made a controller may set on the open session, and hears the commands of others', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'viewer')
  const { lamp, owner, guest } = shared
  await lamp.subscribe(topics.set('lamp-1'))
  await guest.subscribe('devices/#')
  await give(owner, 'lamp-1', 'controller', guest)
  await owner.mqtt.publishAsync(topics.set('lamp-1'), '{"brightness":1}', { qos: 1 })
  await guest.message(topics.set('lamp-1'))
  guest.mqtt.publish(topics.set('lamp-1'), '{"brightness":2}', { qos: 1 })
  await lamp.message(topics.set('lamp-1'), ({ payload }) => payload === '{"brightness":2}')
})

test('sharing, members and revoking are the owner’s: 4003 to other members, 2001 to strangers', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'controller')
  const { owner, guest, ownerId, guestId } = shared
  const { client: stranger, userId: strangerId } = await registerUser(running, 'stranger')
  const deviceId = 'lamp-1'
  for (const [client, code] of [
    [guest, 4003],
    [stranger, 2001],
  ] as const) {
    expect((await client.request('device/share', { deviceId, role: 'viewer' })).code).toBe(code)
    expect((await client.request('device/members', { deviceId })).code).toBe(code)
    expect((await client.request('device/revoke', { deviceId, userId: ownerId })).code).toBe(code)
  }
  expect((await owner.request('device/revoke', { deviceId, userId: strangerId })).code).toBe(2001)
  const own = await owner.request('device/revoke', { deviceId, userId: ownerId })
  expect(own).toMatchObject({ code: 4003, msg: expect.stringContaining('device/release') })
  expect((await owner.request('device/revoke', { deviceId, userId: guestId })).code).toBe(0)
  await stranger[Symbol.asyncDispose]()
})

test('an invitation works once, also when two accept at once, and never for the owner', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running)
  const { owner, guest } = shared
  const { client: other } = await registerUser(running, 'other')
  const invitation = await share(owner, 'lamp-1', 'viewer')
  expect((await owner.request('device/accept', { invitation })).code).toBe(4003)
  const answers = await Promise.all([guest, other].map(client => client.request('device/accept', { invitation })))
  expect(answers.map(({ code }) => code).sort()).toEqual([0, 2006])
  for (const wrong of [invitation, invitation.slice(1), 'x', '-'.repeat(64)]) {
    expect((await guest.request('device/accept', { invitation: wrong })).code).toBe(2006)
  }
  await other[Symbol.asyncDispose]()
})

test('an invitation ends at its time, and its time is from a minute to a week', async () => {
  const clock = { now: Date.now() }
  await using running = await startApp({ now: () => clock.now })
  await using shared = await sharedLamp(running)
  const { owner, guest } = shared
  const request = { deviceId: 'lamp-1', role: 'viewer' }
  for (const ttl of [59, 604_801, 60.5, -60]) {
    expect((await owner.request('device/share', { ...request, ttl })).code).toBe(4000)
  }
  const { data } = await owner.request('device/share', { ...request, ttl: 60 })
  const { invitation, expiresAt } = data as { invitation: string; expiresAt: number }
  expect(invitation).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(expiresAt).toBe(clock.now + 60_000)
  clock.now += 60_000
  expect((await guest.request('device/accept', { invitation })).code).toBe(2006)
})

test('a device has at most twenty open invitations', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running)
  const { owner } = shared
  for (let i = 0; i < 20; i++) await share(owner, 'lamp-1', 'viewer')
  expect(await owner.request('device/share', { deviceId: 'lamp-1', role: 'viewer' })).toMatchObject({
    code: 4029,
    data: { retryAfter: expect.any(Number) },
  })
})

test('a user who guesses invitations is told to slow down', async () => {
  await using running = await startApp()
  const { client } = await registerUser(running, 'eve')
  const guess = async (i: number) => (await client.request('device/accept', { invitation: `guess-${i}` })).code
  for (let i = 0; i < 10; i++) expect(await guess(i)).toBe(2006)
  expect(await guess(10)).toBe(4029)
  await client[Symbol.asyncDispose]()
})

test('an invitation of a disabled owner is void', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running)
  const { owner, guest } = shared
  const invitation = await share(owner, 'lamp-1', 'owner')
  await running.admin.administration.setDisabled('owner-of-lamp-1', true)
  expect((await guest.request('device/accept', { invitation })).code).toBe(2006)
  expect((await guest.request('device/list')).data).toEqual([])
})
