import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openPopulatedStore, tempFile } from './open-temp-store.ts'
import { device } from './records.ts'

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

test('releasing forgets members, state and code, and only of that device', async () => {
  const file = tempFile()
  const { accounts, devices } = await openPopulatedStore(file)
  await devices.createDevice(device('plug'), { secretHash: 'secret', claimHash: 'claim' })
  await devices.claim('lamp', 'ann')
  await devices.claim('plug', 'ann')
  addMember(file, 'ben', 'viewer')
  await devices.saveStates(
    new Map([
      ['lamp', { on: true }],
      ['plug', { on: false }],
    ]),
  )
  await devices.setCredentials('lamp', { claimHash: 'unused' })
  await devices.release('lamp')
  expect(await devices.membersOf('lamp')).toEqual([])
  expect(await accounts.grantsOf('ann')).toEqual(new Map([['plug', 'owner']]))
  expect(await accounts.grantsOf('ben')).toEqual(new Map())
  expect(await devices.states()).toEqual(new Map([['plug', { on: false }]]))
  expect(await devices.deviceById('lamp')).toMatchObject({ claimHash: null })
})

test('a code that was used is void after release too', async () => {
  const { devices } = await openPopulatedStore()
  await devices.claim('lamp', 'ann')
  await devices.release('lamp')
  expect(await devices.claim('lamp', 'ben')).toBe('owned')
  await devices.setCredentials('lamp', { claimHash: 'new' })
  expect(await devices.claim('lamp', 'ben')).toBe('claimed')
})
