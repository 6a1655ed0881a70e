import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import { openPopulatedStore, openTempStore } from './open-temp-store.ts'
import { device } from './records.ts'

const credentials = { secretHash: 'secret', claimHash: 'claim' }

describe('devices', () => {
  test('a device is found by its id, with what is kept of its secrets', async () => {
    const { devices } = await openTempStore()
    expect(await devices.createDevice(device('plug', { disabled: true }), credentials)).toBe(true)
    expect(await devices.deviceById('plug')).toEqual({ ...device('plug', { disabled: true }), ...credentials })
    expect(await devices.deviceById('other')).toBeUndefined()
  })

  test('a device id is taken once, and the first stays as it is', async () => {
    const { devices } = await openTempStore()
    await devices.createDevice(device('plug'), credentials)
    expect(await devices.createDevice(device('plug', { type: 'sensor' }), { ...credentials, secretHash: 'x' })).toBe(
      false,
    )
    expect(await devices.deviceById('plug')).toEqual({ ...device('plug'), ...credentials })
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

  test('a device is renamed by who owns it at that moment, and nobody else', async () => {
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
    await devices.savePresence('lamp', { online: false, sinceMs: 5, reason: 'timeout' })
    expect(await devices.presences()).toEqual(new Map([['lamp', { online: false, sinceMs: 5, reason: 'timeout' }]]))
    await devices.savePresence('lamp', { online: true, sinceMs: 6 })
    expect(await devices.presences()).toEqual(new Map([['lamp', { online: true, sinceMs: 6 }]]))
  })
})

describe('states', () => {
  test('all states are saved, those saved before are replaced, and a device that does not exist is passed over', async () => {
    const { devices } = await openPopulatedStore()
    await devices.createDevice(device('plug'), credentials)
    await devices.saveStates(new Map([['lamp', { on: true, tint: [1, 2] }]]))
    await devices.saveStates(
      new Map<string, JsonObject>([
        ['ghost', { on: true }],
        ['lamp', { on: false }],
        ['plug', { nested: { 名: 'ü' } }],
      ]),
    )
    expect(await devices.states()).toEqual(
      new Map<string, JsonObject>([
        ['lamp', { on: false }],
        ['plug', { nested: { 名: 'ü' } }],
      ]),
    )
  })

  test('a key named __proto__ is only a key', async () => {
    const { devices } = await openPopulatedStore()
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}')
    await devices.saveStates(new Map([['lamp', hostile]]))
    const state = (await devices.states()).get('lamp')
    expect(JSON.stringify(state)).toBe('{"__proto__":{"polluted":true}}')
    expect(state).not.toHaveProperty('polluted')
  })

  test('states that cannot be saved together are not saved in part', async () => {
    const { devices } = await openPopulatedStore()
    const circular: JsonObject = {}
    circular.self = circular
    await devices.createDevice(device('plug'), credentials)
    await expect(
      devices.saveStates(
        new Map([
          ['lamp', { on: true }],
          ['plug', circular],
        ]),
      ),
    ).rejects.toThrow(/circular/)
    expect(await devices.states()).toEqual(new Map())
  })

  test('saving nothing does nothing', async () => {
    const { devices } = await openPopulatedStore()
    await devices.saveStates(new Map())
    expect(await devices.states()).toEqual(new Map())
  })
})
