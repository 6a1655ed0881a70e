import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectGuest } from '../../support/mqtt-client.ts'
import { sharedLamp } from '../../support/sharing.ts'
import { startApp } from '../../support/start-app.ts'

test('anybody with an invitation, also a guest, is told who invites to which device, and it is not used up', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running)
  const { owner, guest } = shared
  const made = await owner.request('device/share', { deviceId: 'lamp-1', role: 'viewer' })
  const { invitation, invitationId, expiresAt } = made.data as Record<string, unknown>
  await using stranger = await connectGuest(running.wsUrl)
  const told = { deviceName: 'Lamp', type: 'lamp', role: 'viewer', inviter: 'owner-of-lamp-1', expiresAt }
  expect(await stranger.request('device/invitation', { invitation })).toMatchObject({ code: 0, data: told })
  expect(await guest.request('device/invitation', { invitation })).toMatchObject({ code: 0, data: told })
  expect(await owner.request('device/invitations', { deviceId: 'lamp-1' })).toMatchObject({
    data: [{ invitationId, role: 'viewer', expiresAt }],
  })
  expect(await guest.request('device/accept', { invitation })).toMatchObject({ code: 0 })
  expect((await owner.request('device/invitations', { deviceId: 'lamp-1' })).data).toEqual([])
  expect(await stranger.request('device/invitation', { invitation })).toMatchObject({ code: 2006 })
})

test('guessing invitations is limited for guests as for users', async () => {
  await using running = await startApp({
    configure: config => ({ ...config, invitation: { user: { points: 3, durationSeconds: 60 } } }),
  })
  await using stranger = await connectGuest(running.wsUrl)
  const guess = async () => (await stranger.request('device/invitation', { invitation: 'AAAA' })).code
  expect([await guess(), await guess(), await guess(), await guess()]).toEqual([2006, 2006, 2006, 4029])
})

test('an owner withdraws an open invitation; others may not, and it is void', async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'controller')
  const { owner, guest } = shared
  const made = await owner.request('device/share', { deviceId: 'lamp-1', role: 'viewer' })
  const { invitation, invitationId } = made.data as Record<string, unknown>
  const withdraw = (by: typeof owner, which = invitationId) =>
    by.request('device/withdraw', { deviceId: 'lamp-1', invitationId: which })
  expect(await guest.request('device/invitations', { deviceId: 'lamp-1' })).toMatchObject({ code: 4003 })
  expect(await withdraw(guest)).toMatchObject({ code: 4003 })
  expect(await withdraw(owner, '________________')).toMatchObject({ code: 3001 })
  expect(await withdraw(owner)).toMatchObject({ code: 0 })
  expect(await withdraw(owner)).toMatchObject({ code: 3001 })
  expect(await guest.request('device/accept', { invitation })).toMatchObject({ code: 2006 })
})

test("a member's role is changed in place, by the owner alone, and holds at once", async () => {
  await using running = await startApp()
  await using shared = await sharedLamp(running, 'controller')
  const { owner, guest, guestId, ownerId, lamp } = shared
  await lamp.subscribe(topics.set('lamp-1'))
  const change = (by: typeof owner, userId: string, role: string) =>
    by.request('device/role', { deviceId: 'lamp-1', userId, role })
  expect(await change(guest, guestId, 'viewer')).toMatchObject({ code: 4003 })
  expect(await change(owner, ownerId, 'viewer')).toMatchObject({ code: 4003 })
  expect(await change(owner, 'nobody', 'viewer')).toMatchObject({ code: 2001 })
  expect(await change(owner, guestId, 'owner')).toMatchObject({ code: 4000 })
  expect(await change(owner, guestId, 'viewer')).toMatchObject({ code: 0 })
  await guest.message(topics.notify(guest.id, 'devices'), ({ payload }) => JSON.parse(payload).role === 'viewer')
  guest.mqtt.publish(topics.set('lamp-1'), '{"on":false}', { qos: 1 })
  await guest.message(topics.notify(guest.id, 'denied'), ({ payload }) => payload.includes('4003'))
  expect(lamp.received).toEqual([])
})
