import { describe, expect, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPopulatedStore, openTempStore, tempFile } from './open-temp-store.ts'
import { device } from './records.ts'

const credentials = { secretHash: 'secret', claimHash: 'claim' }

describe('devices', () => {
  test('a device is found by its id, with what is kept of its secrets', async () => {
    const { devices } = await openTempStore()
    expect(await devices.createDevice(device('plug', { disabled: true }), credentials)).toBe(true)
    expect(await devices.deviceById('plug')).toEqual({
      ...device('plug', { disabled: true }),
      ...credentials,
      tenure: expect.any(String),
    })
    expect(await devices.deviceById('other')).toBeUndefined()
  })

  test('a device id is taken once, and the first stays as it is', async () => {
    const { devices } = await openTempStore()
    await devices.createDevice(device('plug'), credentials)
    expect(await devices.createDevice(device('plug', { type: 'sensor' }), { ...credentials, secretHash: 'x' })).toBe(
      false,
    )
    expect(await devices.deviceById('plug')).toMatchObject({ ...device('plug'), ...credentials })
  })

  test('devices are listed in order of id, without their secrets', async () => {
    const { devices } = await openTempStore()
    await devices.createDevice(device('b'), credentials)
    await devices.createDevice(device('a'), credentials)
    expect(await devices.listDevices()).toEqual([device('a'), device('b')])
  })

  test('a device is disabled and enabled', async () => {
    const { devices } = await openPopulatedStore()
    await devices.setDeviceDisabled('lamp', true)
    expect(await devices.deviceById('lamp')).toMatchObject({ disabled: true })
    await devices.setDeviceDisabled('lamp', false)
    expect(await devices.deviceById('lamp')).toMatchObject({ disabled: false })
  })

  test('only the owner at that moment can rename a device', async () => {
    const { devices, invitations } = await openPopulatedStore()
    await devices.claim('lamp', 'ann')
    const handOver = { deviceId: 'lamp', ownerId: 'ann', role: 'owner', expiresAtMs: Number.MAX_SAFE_INTEGER } as const
    expect(await devices.renameDevice('lamp', 'ann', '客厅')).toBe(true)
    expect(await devices.renameDevice('lamp', 'ben', 'x')).toBe(false)
    await invitations.invite({ ...handOver, hash: 'h' }, 1)
    await invitations.accept('h', 'ben')
    expect(await devices.renameDevice('lamp', 'ann', 'x')).toBe(false)
    expect(await devices.deviceById('lamp')).toMatchObject({ name: '客厅' })
  })

  test('credentials change only where they are given', async () => {
    const { devices } = await openPopulatedStore()
    await devices.setCredentials('lamp', { secretHash: 'new' })
    expect(await devices.deviceById('lamp')).toMatchObject({ secretHash: 'new', claimHash: 'claim' })
    await devices.setCredentials('lamp', { claimHash: null })
    expect(await devices.deviceById('lamp')).toMatchObject({ secretHash: 'new', claimHash: null })
    await devices.setCredentials('lamp', {})
    expect(await devices.deviceById('lamp')).toMatchObject({ secretHash: 'new', claimHash: null })
  })
})

describe('presence', () => {
  test('the last presence saved is the one that is kept', async () => {
    const { devices } = await openPopulatedStore()
    expect(await devices.presences()).toEqual(new Map())
    await devices.savePresences(new Map([['lamp', { online: false, sinceMs: 5, reason: 'timeout' }]]))
    expect(await devices.presences()).toEqual(new Map([['lamp', { online: false, sinceMs: 5, reason: 'timeout' }]]))
    await devices.savePresences(
      new Map([
        ['lamp', { online: true, sinceMs: 6, node: 'here' }],
        ['nobody', { online: true, sinceMs: 6 }],
      ]),
    )
    expect(await devices.presences()).toEqual(new Map([['lamp', { online: true, sinceMs: 6, node: 'here' }]]))
  })
})

describe('tenures', () => {
  test('every device has one of its own, which a release ends', async () => {
    const { devices } = await openPopulatedStore()
    await devices.createDevice(device('plug'), credentials)
    const before = await devices.tenures()
    expect(new Set(before.values()).size).toBe(2)
    expect((await devices.deviceById('lamp'))?.tenure).toBe(before.get('lamp'))
    await devices.claim('lamp', 'ann')
    expect(await devices.tenures()).toEqual(before)
    const release = await devices.release('lamp', 'ann', 'Lamp')
    expect(release?.tenure).not.toBe(before.get('lamp'))
    expect(await devices.tenures()).toEqual(new Map(before).set('lamp', release?.tenure ?? ''))
  })
})

describe('states that an earlier version kept', () => {
  test('are read as they are, a key named __proto__ too, and dropped', async () => {
    const file = tempFile()
    const { devices } = await openPopulatedStore(file)
    const sqlite = new Database(file)
    sqlite.exec(`insert into device_state values ('lamp', '{"on":true,"__proto__":{"polluted":true}}')`)
    sqlite.close()
    const state = (await devices.earlierStates()).get('lamp')
    expect(JSON.stringify(state)).toBe('{"on":true,"__proto__":{"polluted":true}}')
    expect(state).not.toHaveProperty('polluted')
    await devices.dropEarlierStates()
    expect(await devices.earlierStates()).toEqual(new Map())
  })
})
