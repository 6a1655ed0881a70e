import { expect, onTestFinished, test } from 'vitest'
import type { Invitation } from '../../../src/domain/invitation.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openStore, type Store } from '../../../src/store/open-store.ts'
import { tempFile } from './open-temp-store.ts'
import { account, device } from './records.ts'

const most = 3
const offer = (more: Partial<Invitation> = {}): Invitation => ({
  hash: 'h1',
  deviceId: 'lamp',
  ownerId: 'ann',
  role: 'viewer',
  expiresAtMs: 2000,
  ...more,
})

/** `lamp` is ann's; ben and cem have nothing. The clock stands at 1000 until it is set. */
async function openOwnedLamp() {
  const file = tempFile()
  const clock = { nowMs: 1000 }
  const store: Store = await openStore({ file, now: () => clock.nowMs })
  onTestFinished(() => store.close())
  for (const id of ['ann', 'ben', 'cem']) await store.accounts.createAccount(account(id))
  await store.devices.createDevice(device('lamp'), { secretHash: 'secret', claimHash: 'claim' })
  await store.devices.claim('lamp', 'ann')
  const invite = (more: Partial<Invitation> = {}) => store.invitations.invite(offer(more), most)
  const membersOf = async () =>
    Object.fromEntries((await store.devices.membersOf('lamp')).map(({ userId, role }) => [userId, role]))
  return { ...store, file, clock, invite, membersOf }
}

test('an invitation gives its role, once', async () => {
  const { invitations, invite, membersOf } = await openOwnedLamp()
  expect(await invite({ role: 'controller' })).toBe('invited')
  expect(await invitations.accept('h1', 'ben')).toEqual({
    membership: { device: device('lamp'), role: 'controller' },
    giverId: 'ann',
  })
  expect(await membersOf()).toEqual({ ann: 'owner', ben: 'controller' })
  expect(await invitations.accept('h1', 'cem')).toBe('void')
  expect(await invitations.accept('h1', 'ben')).toBe('void')
})

test('when two accept at once, one becomes a member', async () => {
  const { invitations, invite, membersOf } = await openOwnedLamp()
  await invite()
  const answers = await Promise.all([invitations.accept('h1', 'ben'), invitations.accept('h1', 'cem')])
  expect(answers).toEqual([expect.objectContaining({ giverId: 'ann' }), 'void'])
  expect(await membersOf()).toEqual({ ann: 'owner', ben: 'viewer' })
})

test('an invitation is void from its expiry on', async () => {
  const { invitations, invite, clock } = await openOwnedLamp()
  await invite()
  clock.nowMs = 2000
  expect(await invitations.accept('h1', 'ben')).toBe('void')
  clock.nowMs = 1999
  expect(await invitations.accept('h1', 'ben')).toMatchObject({ giverId: 'ann' })
})

test('an unknown invitation is void', async () => {
  const { invitations } = await openOwnedLamp()
  expect(await invitations.accept('h1', 'ben')).toBe('void')
})

test.each([
  ['viewer', 'controller'],
  ['controller', 'viewer'],
] as const)('a %s who accepts becomes a %s, a member since the first time', async (before, after) => {
  const { devices, invitations, invite, clock } = await openOwnedLamp()
  await invite({ role: before })
  await invitations.accept('h1', 'ben')
  await invite({ hash: 'h2', role: after })
  clock.nowMs = 1500
  await invitations.accept('h2', 'ben')
  expect(await devices.namedMembersOf('lamp')).toContainEqual({
    userId: 'ben',
    username: 'name of ben',
    role: after,
    sinceMs: 1000,
  })
})

test('the owner does not use up what they gave', async () => {
  const { invitations, invite, membersOf } = await openOwnedLamp()
  await invite()
  expect(await invitations.accept('h1', 'ann')).toBe('own')
  expect(await membersOf()).toEqual({ ann: 'owner' })
  expect(await invitations.accept('h1', 'ben')).toMatchObject({ giverId: 'ann' })
})

test('only the owner of the moment invites', async () => {
  const { invitations, invite } = await openOwnedLamp()
  await invite({ role: 'controller' })
  await invitations.accept('h1', 'ben')
  expect(await invite({ hash: 'h2', ownerId: 'ben' })).toBe('not-owner')
  expect(await invite({ hash: 'h2', ownerId: 'cem' })).toBe('not-member')
  expect(await invite({ hash: 'h2', deviceId: 'nothing' })).toBe('not-member')
  expect(await invitations.accept('h2', 'cem')).toBe('void')
})

test('a hand-over makes a new owner, the former one goes, other members and the tenure stay', async () => {
  const { accounts, devices, invitations, invite, membersOf } = await openOwnedLamp()
  const tenures = await devices.tenures()
  await invite()
  await invitations.accept('h1', 'cem')
  await invite({ hash: 'h2', role: 'owner' })
  expect(await invitations.accept('h2', 'ben')).toEqual({
    membership: { device: device('lamp'), role: 'owner' },
    giverId: 'ann',
  })
  expect(await membersOf()).toEqual({ ben: 'owner', cem: 'viewer' })
  expect(await accounts.grantsOf('ann')).toEqual(new Map())
  expect(await devices.tenures()).toEqual(tenures)
})

test('a member may be handed the device', async () => {
  const { invitations, invite, membersOf } = await openOwnedLamp()
  await invite()
  await invitations.accept('h1', 'ben')
  await invite({ hash: 'h2', role: 'owner' })
  expect(await invitations.accept('h2', 'ben')).toMatchObject({ membership: { role: 'owner' } })
  expect(await membersOf()).toEqual({ ben: 'owner' })
})

test('a hand-over voids every other invitation of the device, though it comes back, and none of another device', async () => {
  const { devices, invitations, invite, membersOf } = await openOwnedLamp()
  await devices.createDevice(device('plug'), { secretHash: 'secret', claimHash: 'claim' })
  await devices.claim('plug', 'ann')
  await invite({ hash: 'plug', deviceId: 'plug' })
  await invite({ hash: 'old' })
  await invite({ hash: 'over', role: 'owner' })
  await invitations.accept('over', 'ben')
  await invite({ hash: 'back', ownerId: 'ben', role: 'owner' })
  await invitations.accept('back', 'ann')
  expect(await membersOf()).toEqual({ ann: 'owner' })
  expect(await invitations.accept('old', 'cem')).toBe('void')
  expect(await invitations.accept('plug', 'cem')).toMatchObject({ giverId: 'ann' })
})

test('when two hand-overs come at once, one is done', async () => {
  const { invitations, invite, membersOf } = await openOwnedLamp()
  await invite({ hash: 'ben', role: 'owner' })
  await invite({ hash: 'cem', role: 'owner' })
  const answers = await Promise.all([invitations.accept('ben', 'ben'), invitations.accept('cem', 'cem')])
  expect(answers).toEqual([expect.objectContaining({ giverId: 'ann' }), 'void'])
  expect(await membersOf()).toEqual({ ben: 'owner' })
})

test('releasing voids every invitation, though the same owner claims again', async () => {
  const { devices, invitations, invite, membersOf } = await openOwnedLamp()
  await invite()
  await devices.release('lamp', 'ann', 'Lamp')
  await devices.setCredentials('lamp', { claimHash: 'new' })
  await devices.claim('lamp', 'ann')
  expect(await invitations.accept('h1', 'ben')).toBe('void')
  expect(await membersOf()).toEqual({ ann: 'owner' })
})

test('what a disabled account gave is void until it is enabled again', async () => {
  const { accounts, invitations, invite } = await openOwnedLamp()
  await invite()
  await accounts.setDisabled('ann', true)
  expect(await invitations.accept('h1', 'ben')).toBe('void')
  await accounts.setDisabled('ann', false)
  expect(await invitations.accept('h1', 'ben')).toMatchObject({ giverId: 'ann' })
})

test('an invitation that outlived the ownership of its giver is void', async () => {
  const { invitations, invite, membersOf, file } = await openOwnedLamp()
  await invite()
  await invitations.accept('h1', 'ben')
  const sqlite = new Database(file)
  onTestFinished(() => void sqlite.close())
  sqlite.prepare("insert into invitation values ('h2', 'lamp', 'ben', 'owner', 2000)").run()
  expect(await invitations.accept('h2', 'cem')).toBe('void')
  expect(await membersOf()).toEqual({ ann: 'owner', ben: 'viewer' })
})

test('a device has so many open invitations; used and expired ones make room', async () => {
  const { invitations, invite, clock } = await openOwnedLamp()
  for (const [i, expiresAtMs] of [5000, 3000, 4000].entries()) await invite({ hash: `h${i}`, expiresAtMs })
  expect(await invite({ hash: 'more' })).toEqual({ fullUntilMs: 3000 })
  expect(await invitations.accept('more', 'ben')).toBe('void')
  await invitations.accept('h0', 'ben')
  expect(await invite({ hash: 'more', expiresAtMs: 5000 })).toBe('invited')
  expect(await invite({ hash: 'even-more' })).toEqual({ fullUntilMs: 3000 })
  clock.nowMs = 3000
  expect(await invite({ hash: 'even-more', expiresAtMs: 5000 })).toBe('invited')
})

test('an owner who ends a membership voids the open invitations, one of which that person may hold; a member who leaves does not', async () => {
  const { devices, invitations, invite } = await openOwnedLamp()
  await invite()
  await invite({ hash: 'h2' })
  await invite({ hash: 'h3' })
  await invitations.accept('h1', 'ben')
  await devices.removeMember('lamp', 'ben', 'ben')
  expect(await invitations.accept('h2', 'ben')).toMatchObject({ giverId: 'ann' })
  await devices.removeMember('lamp', 'ben', 'ann')
  expect(await invitations.accept('h3', 'ben')).toBe('void')
})
