import { expect, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPopulatedStore, tempFile } from './open-temp-store.ts'
import { account, device } from './records.ts'

/** Gives a role that no operation gives yet. */
function addMember(file: string, accountId: string, role: string): void {
  const sqlite = new Database(file)
  sqlite
    .prepare('insert into member (device_id, account_id, role, since_ms) values (?, ?, ?, ?)')
    .run('lamp', accountId, role, 1)
  sqlite.close()
}

test('claiming makes the account the owner and voids the code', async () => {
  const { accounts, devices } = await openPopulatedStore()
  expect(await devices.claim('lamp', 'ann')).toBe('claimed')
  expect(await devices.membersOf('lamp')).toEqual([{ userId: 'ann', role: 'owner' }])
  expect(await devices.memberships('ann')).toEqual([{ device: device('lamp'), role: 'owner' }])
  expect(await accounts.grantsOf('ann')).toEqual(new Map([['lamp', 'owner']]))
  expect(await devices.deviceById('lamp')).toMatchObject({ claimHash: null })
})

test('nobody has a device before it is claimed', async () => {
  const { accounts, devices } = await openPopulatedStore()
  expect(await devices.membersOf('lamp')).toEqual([])
  expect(await devices.memberships('ann')).toEqual([])
  expect(await accounts.grantsOf('ann')).toEqual(new Map())
})

test('of two accounts that claim at once, one is the owner', async () => {
  const { devices } = await openPopulatedStore()
  expect(await Promise.all([devices.claim('lamp', 'ann'), devices.claim('lamp', 'ben')])).toEqual(['claimed', 'owned'])
  expect(await devices.membersOf('lamp')).toEqual([{ userId: 'ann', role: 'owner' }])
})

test('the database itself refuses a second owner', async () => {
  const file = tempFile()
  const { devices } = await openPopulatedStore(file)
  await devices.claim('lamp', 'ann')
  expect(() => addMember(file, 'ben', 'owner')).toThrow(/UNIQUE/)
  expect(() => addMember(file, 'ben', 'viewer')).not.toThrow()
})

test('a device with an owner is not claimed again, even with a new code, and the code stays', async () => {
  const { devices } = await openPopulatedStore()
  await devices.claim('lamp', 'ann')
  await devices.setCredentials('lamp', { claimHash: 'new' })
  expect(await devices.claim('lamp', 'ben')).toBe('owned')
  expect(await devices.membersOf('lamp')).toEqual([{ userId: 'ann', role: 'owner' }])
  expect(await devices.deviceById('lamp')).toMatchObject({ claimHash: 'new' })
})

test('a member who claims becomes the owner', async () => {
  const file = tempFile()
  const { devices } = await openPopulatedStore(file)
  addMember(file, 'ben', 'viewer')
  expect(await devices.claim('lamp', 'ben')).toBe('claimed')
  expect(await devices.membersOf('lamp')).toEqual([{ userId: 'ben', role: 'owner' }])
})

test('a claim for an account that does not exist leaves the code as it was', async () => {
  const { devices } = await openPopulatedStore()
  await expect(devices.claim('lamp', 'nobody')).rejects.toThrow(/FOREIGN KEY/)
  expect(await devices.deviceById('lamp')).toMatchObject({ claimHash: 'claim' })
})

test('releasing forgets members and code, and only of that device', async () => {
  const file = tempFile()
  const { accounts, devices } = await openPopulatedStore(file)
  await devices.createDevice(device('plug'), { secretHash: 'secret', claimHash: 'claim' })
  await devices.claim('lamp', 'ann')
  await devices.claim('plug', 'ann')
  addMember(file, 'ben', 'viewer')
  await devices.setCredentials('lamp', { claimHash: 'unused' })
  await devices.renameDevice('lamp', 'ann', 'mine')
  expect((await devices.release('lamp', 'ann', 'Lamp'))?.members).toEqual([
    { userId: 'ben', role: 'viewer' },
    { userId: 'ann', role: 'owner' },
  ])
  expect(await devices.membersOf('lamp')).toEqual([])
  expect(await accounts.grantsOf('ann')).toEqual(new Map([['plug', 'owner']]))
  expect(await accounts.grantsOf('ben')).toEqual(new Map())
  expect(await devices.deviceById('lamp')).toMatchObject({ name: 'Lamp', claimHash: null })
})

test('a code that was used is void after release too', async () => {
  const { devices } = await openPopulatedStore()
  await devices.claim('lamp', 'ann')
  await devices.release('lamp', 'ann', 'Lamp')
  expect(await devices.claim('lamp', 'ben')).toBe('owned')
  await devices.setCredentials('lamp', { claimHash: 'new' })
  expect(await devices.claim('lamp', 'ben')).toBe('claimed')
})

test('only the owner of the moment releases', async () => {
  const file = tempFile()
  const { devices } = await openPopulatedStore(file)
  await devices.claim('lamp', 'ann')
  addMember(file, 'ben', 'controller')
  expect(await devices.release('lamp', 'ben', 'Lamp')).toBeUndefined()
  expect(await devices.release('lamp', 'nobody', 'Lamp')).toBeUndefined()
  expect(await devices.release('nothing', 'ann', 'Lamp')).toBeUndefined()
  expect(await devices.membersOf('lamp')).toHaveLength(2)
})

test('members have names and a beginning, the longest first', async () => {
  const file = tempFile()
  const { devices } = await openPopulatedStore(file)
  await devices.claim('lamp', 'ann')
  addMember(file, 'ben', 'viewer')
  expect(await devices.namedMembersOf('lamp')).toEqual([
    { userId: 'ben', username: 'name of ben', role: 'viewer', sinceMs: 1 },
    { userId: 'ann', username: 'name of ann', role: 'owner', sinceMs: 1_700_000_000_000 },
  ])
  expect(await devices.namedMembersOf('nothing')).toEqual([])
})

test.each([
  ['the owner', 'ann', 'ben', { ownerId: 'ann' }],
  ['the member', 'ben', 'ben', { ownerId: 'ann' }],
])('%s ends a membership', async (_who, by, userId, answer) => {
  const file = tempFile()
  const { accounts, devices } = await openPopulatedStore(file)
  await devices.claim('lamp', 'ann')
  addMember(file, 'ben', 'controller')
  expect(await devices.removeMember('lamp', userId, by)).toEqual(answer)
  expect(await devices.membersOf('lamp')).toEqual([{ userId: 'ann', role: 'owner' }])
  expect(await accounts.grantsOf('ben')).toEqual(new Map())
})

test.each([
  ['another member ends it', 'ben', 'cem', 'not-owner'],
  ['a member ends the owner’s', 'ben', 'ann', 'not-owner'],
  ['a member names nobody', 'ben', 'nobody', 'not-owner'],
  ['a stranger ends it', 'dan', 'ben', 'not-member'],
  ['a stranger ends their own', 'dan', 'dan', 'not-member'],
  ['the owner names a stranger', 'ann', 'dan', 'not-member'],
  ['the owner ends their own', 'ann', 'ann', 'owner'],
])('no membership ends when %s', async (_what, by, userId, answer) => {
  const file = tempFile()
  const { accounts, devices } = await openPopulatedStore(file)
  for (const id of ['cem', 'dan']) await accounts.createAccount(account(id))
  await devices.claim('lamp', 'ann')
  addMember(file, 'ben', 'controller')
  addMember(file, 'cem', 'viewer')
  expect(await devices.removeMember('lamp', userId, by)).toBe(answer)
  expect(await devices.membersOf('lamp')).toHaveLength(3)
})

test('an account that owns a device is not deleted; another takes its memberships along, and nothing else', async () => {
  const file = tempFile()
  const { accounts, devices } = await openPopulatedStore(file)
  await devices.claim('lamp', 'ann')
  addMember(file, 'ben', 'viewer')
  expect(await accounts.deleteAccount('ann')).toBe(false)
  expect(await accounts.deleteAccount('ben')).toBe(true)
  expect(await accounts.deleteAccount('ben')).toBe(false)
  expect(await devices.membersOf('lamp')).toEqual([{ userId: 'ann', role: 'owner' }])
  expect(await accounts.accountById('ann')).toBeDefined()
})
