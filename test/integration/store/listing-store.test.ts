import { expect, test } from 'vitest'
import { openPopulatedStore } from './open-temp-store.ts'
import { account, device } from './records.ts'

const page = { offset: 0, limit: 50 }

test.each(['%', '_', '\\', 'a%n'])('%s in a search stands for itself', async search => {
  const { listings } = await openPopulatedStore()
  expect(await listings.accounts({ ...page, search })).toEqual({ total: 0, rows: [] })
  expect(await listings.devices({ ...page, search })).toEqual({ total: 0, rows: [] })
})

test('accounts are found by a part of their name or id, and come a page at a time', async () => {
  const { listings, accounts } = await openPopulatedStore()
  await accounts.createAccount(account('anna'))
  const found = await listings.accounts({ search: 'AN', offset: 1, limit: 1 })
  expect(found).toMatchObject({ total: 2, rows: [{ username: 'name of anna' }] })
})

test('a device is one row however many members it has, with its owner and its presence', async () => {
  const { listings, devices, invitations } = await openPopulatedStore()
  await devices.createDevice(device('plug'), { secretHash: 's', claimHash: null })
  await devices.claim('lamp', account('ann').id)
  const invitation = {
    hash: 'h',
    deviceId: 'lamp',
    ownerId: account('ann').id,
    role: 'viewer',
    expiresAtMs: 9e15,
  } as const
  await invitations.invite(invitation, 5)
  await invitations.accept('h', account('ben').id)
  await devices.savePresences(new Map([['lamp', { online: true, sinceMs: 7 }]]))
  const found = await listings.devices(page)
  expect(found).toMatchObject({
    total: 2,
    rows: [
      { id: 'lamp', owner: 'name of ann', online: true, sinceMs: 7 },
      { id: 'plug', owner: null, online: false, sinceMs: 0 },
    ],
  })
})
