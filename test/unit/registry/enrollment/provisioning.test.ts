import { expect, test } from 'vitest'
import { formatClaimCode, isClaimCodeOf } from '../../../../src/registry/enrollment/claim-code.ts'
import { createProvisioning } from '../../../../src/registry/enrollment/provisioning.ts'
import { isSecretOf } from '../../../../src/registry/enrollment/secret-hash.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'
import { models } from '../models.ts'

function setUp() {
  const store = createFakeDeviceStore()
  const mayEnrollAgain: string[] = []
  const enrollment = { allowEnrollingAgain: async (id: string) => void mayEnrollAgain.push(id) }
  return { store, mayEnrollAgain, provisioning: createProvisioning({ store, enrollment, models, now: () => 9 }) }
}

test('adding a device hands out its secrets and stores only hashes', async () => {
  const { store, provisioning } = setUp()
  const added = await provisioning.addDevice({ type: 'lamp', id: 'lamp1', name: 'Desk' })
  if (typeof added === 'string') throw new Error(added)
  expect(added).toEqual({
    id: 'lamp1',
    type: 'lamp',
    secret: expect.stringMatching(/^[0-9a-f]{32}$/),
    claimCode: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
  })
  const stored = store.devices.get('lamp1')
  expect(stored).toMatchObject({ id: 'lamp1', type: 'lamp', name: 'Desk', disabled: false, createdAtMs: 9 })
  expect(isSecretOf(stored?.secretHash, added.secret)).toBe(true)
  expect(isClaimCodeOf(stored?.claimHash, added.claimCode)).toBe(true)
  expect(JSON.stringify(stored)).not.toContain(added.secret)
})

test('without id and name, an id is made of the type and the name is the type’s title', async () => {
  const { store, provisioning } = setUp()
  const added = await provisioning.addDevice({ type: 'lamp' })
  expect(added).toMatchObject({ id: expect.stringMatching(/^lamp-[0-9a-hjkmnp-tv-z]{8}$/) })
  expect([...store.devices.values()][0]?.name).toBe('Test')
})

test.each([
  [{ type: 'rocket' }, 'unknown-type'],
  [{ type: 'constructor' }, 'unknown-type'],
  [{ type: 'lamp', id: 'a/b' }, 'bad-id'],
  [{ type: 'lamp', id: '' }, 'bad-id'],
  [{ type: 'lamp', id: 'jwt' }, 'bad-id'],
  [{ type: 'lamp', name: '' }, 'bad-name'],
  [{ type: 'lamp', id: 'taken' }, 'taken'],
])('adding %j is refused: %s', async (wanted, refusal) => {
  const { store, provisioning } = setUp()
  store.add({ id: 'taken' })
  expect(await provisioning.addDevice(wanted)).toBe(refusal)
  expect(store.devices.size).toBe(1)
})

test('resetting gives a new secret, and a claim code while nobody owns the device', async () => {
  const { store, provisioning } = setUp()
  store.add({ id: 'lamp1' })
  const reset = await provisioning.resetDevice('lamp1')
  if (reset === 'unknown') throw new Error(reset)
  const stored = store.devices.get('lamp1')
  expect(isSecretOf(stored?.secretHash, reset.secret)).toBe(true)
  expect(isClaimCodeOf(stored?.claimHash, reset.claimCode ?? '')).toBe(true)
  expect(isClaimCodeOf(stored?.claimHash, 'ABCD-0123')).toBe(false)
})

test('resetting an owned device gives no claim code', async () => {
  const { store, provisioning } = setUp()
  store.add({ id: 'lamp1' })
  store.members.set('lamp1', [{ userId: 'ann', role: 'owner' }])
  expect(await provisioning.resetDevice('lamp1')).toMatchObject({ claimCode: null })
  expect(store.devices.get('lamp1')?.claimHash).toBeNull()
})

test('a device that was reset may enroll again', async () => {
  const { store, provisioning, mayEnrollAgain } = setUp()
  store.add({ id: 'lamp1' })
  await provisioning.resetDevice('lamp1')
  await provisioning.resetDevice('nobody')
  expect(mayEnrollAgain).toEqual(['lamp1'])
})

test('a new claim code voids the old one and leaves the secret', async () => {
  const { store, provisioning } = setUp()
  store.add({ id: 'lamp1' })
  const issued = await provisioning.issueClaimCode('lamp1')
  if (typeof issued === 'string') throw new Error(issued)
  const stored = store.devices.get('lamp1')
  expect(isClaimCodeOf(stored?.claimHash, issued.claimCode)).toBe(true)
  expect(isClaimCodeOf(stored?.claimHash, 'ABCD-0123')).toBe(false)
  expect(isSecretOf(stored?.secretHash, 'secret-of-lamp1')).toBe(true)
})

test('an owned device gets no claim code, and an unknown one neither', async () => {
  const { store, provisioning } = setUp()
  store.add({ id: 'lamp1' })
  store.members.set('lamp1', [{ userId: 'ann', role: 'owner' }])
  expect(await provisioning.issueClaimCode('lamp1')).toBe('owned')
  expect(await provisioning.issueClaimCode('nobody')).toBe('unknown')
})

test('disabling, and what is asked of a device that does not exist', async () => {
  const { store, provisioning } = setUp()
  store.add({ id: 'lamp1' })
  expect(await provisioning.setDisabled('lamp1', true)).toBe('done')
  expect(store.devices.get('lamp1')?.disabled).toBe(true)
  expect(await provisioning.setDisabled('nobody', true)).toBe('unknown')
  expect(await provisioning.resetDevice('nobody')).toBe('unknown')
})

test('the list holds presence and members', async () => {
  const { store, provisioning } = setUp()
  store.add({ id: 'lamp1' })
  store.add({ id: 'lamp2' })
  store.savedPresences.set('lamp1', { online: true, sinceMs: 5 })
  store.members.set('lamp1', [{ userId: 'ann', role: 'owner' }])
  expect(await provisioning.listDevices()).toMatchObject([
    { id: 'lamp1', online: true, sinceMs: 5, members: [{ userId: 'ann', role: 'owner' }] },
    { id: 'lamp2', online: false, sinceMs: 0, members: [] },
  ])
})

test('a claim code is forty bits in Crockford’s base32', () => {
  expect(formatClaimCode(Buffer.from('0000000000', 'hex'))).toBe('0000-0000')
  expect(formatClaimCode(Buffer.from('ffffffffff', 'hex'))).toBe('ZZZZ-ZZZZ')
  expect(formatClaimCode(Buffer.from('0000000001', 'hex'))).toBe('0000-0001')
})
