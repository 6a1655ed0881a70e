import { describe, expect, test } from 'vitest'
import { setUpStates } from './device-states-fixture.ts'
import { nestedJson } from './models.ts'

describe('folding', () => {
  test('a report changes nothing until the event loop went round', () => {
    const { states, report, scheduler } = setUpStates()
    report({ on: true })
    expect(states.of('lamp1')).toEqual({})
    scheduler.turn()
    expect(states.of('lamp1')).toEqual({ on: true })
  })

  test('reports are merged in order, null takes a property away', () => {
    const { states, report, scheduler } = setUpStates()
    report({ on: true, brightness: 5, settings: { speed: 1, other: 'x' } })
    report({ on: false, brightness: null, settings: { other: null } })
    scheduler.turn()
    expect(states.of('lamp1')).toEqual({ on: false, settings: { speed: 1 } })
  })

  test('the payload is copied: the broker may use its buffer again', () => {
    const { states, scheduler } = setUpStates()
    const payload = Buffer.from('{"on":true}')
    states.reported('lamp1', payload)
    payload.fill(0)
    scheduler.turn()
    expect(states.of('lamp1')).toEqual({ on: true })
  })

  test('refused values are left out one by one, the rest is kept', () => {
    const { fold } = setUpStates()
    fold({ brightness: 7 })
    expect(fold({ on: true, brightness: 700, colour: 'red', power: 3 })).toEqual({ on: true, brightness: 7, power: 3 })
  })

  test('a nested patch is judged by the value it makes', () => {
    const { fold } = setUpStates()
    fold({ settings: { speed: 1 } })
    expect(fold({ settings: { speed: 'fast', other: 1 } })).toEqual({ settings: { speed: 1 } })
    expect(fold({ settings: { other: 1 } })).toEqual({ settings: { speed: 1, other: 1 } })
  })

  test('a structure cannot be grown without end by small patches', () => {
    const { fold, refused } = setUpStates()
    for (let i = 0; i < 10; i++) fold({ settings: { [`key${i}`]: 'x'.repeat(10_000) } })
    expect(JSON.stringify(fold({})).length).toBeLessThan(66 * 1024)
    expect(refused[0]?.reason).toContain('65536 bytes')
  })

  test.each([
    nestedJson(10_000),
    `{"settings":${nestedJson(10_000)}}`,
    `{"settings":{"speed":1,"x":${nestedJson(13_000)}}}`,
    `{"settings":${nestedJson(40_000)}}`,
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '['.repeat(64 * 1024),
    `{"label":"${'x'.repeat(64 * 1024)}"}`,
    '',
    'null',
    '"on"',
  ])('hostile input %# changes nothing, pollutes nothing and throws nothing', payload => {
    const { fold, refused } = setUpStates()
    fold({ on: true })
    expect(JSON.stringify(fold(payload))).toBe('{"on":true}')
    expect(refused).toHaveLength(1)
    expect('polluted' in {}).toBe(false)
  })

  test('a settings value named __proto__ stays a value', () => {
    const { fold } = setUpStates()
    const state = fold('{"settings":{"__proto__":{"speed":1}}}')
    expect(JSON.stringify(state)).toBe('{"settings":{"__proto__":{"speed":1}}}')
    expect(Object.getPrototypeOf(state.settings)).toBe(Object.prototype)
  })

  test('a device whose thing model is gone has no state', () => {
    const { fold, refused } = setUpStates()
    expect(fold({ on: true }, 'odd1')).toEqual({})
    expect(refused).toEqual([{ deviceId: 'odd1', property: '', reason: expect.stringContaining('model'), count: 1 }])
  })

  test('a flood of one device leaves room for the event loop between its turns', () => {
    const { states, report, scheduler } = setUpStates()
    for (let i = 0; i < 150; i++) report({ brightness: i % 100 })
    report({ on: true }, 'lamp2')
    scheduler.turn()
    expect(states.of('lamp2')).toEqual({})
    scheduler.turn()
    expect(states.of('lamp2')).toEqual({ on: true })
    expect(scheduler.turn()).toBe(false)
  })

  test('a device that outruns folding has its queue folded at once', () => {
    const { states, report } = setUpStates()
    for (let i = 0; i < 17; i++) report({ brightness: i, filler: 'x'.repeat(64 * 1024) })
    expect(states.of('lamp1').brightness).toBeGreaterThan(10)
  })
})

describe('refused values', () => {
  test('are announced once a minute per device, with their number', () => {
    const { fold, refused, clock } = setUpStates()
    fold({ colour: 'red', brightness: 500 })
    expect(refused).toEqual([{ deviceId: 'lamp1', property: 'colour', reason: 'no such property', count: 2 }])
    fold({ on: 1 })
    fold({ on: 2 })
    clock.ms += 59_999
    fold({ on: 3 })
    expect(refused).toHaveLength(1)
    fold({ on: 1 }, 'lamp2')
    expect(refused).toHaveLength(2)
    clock.ms += 1
    fold({ on: 4 })
    expect(refused[2]).toEqual({ deviceId: 'lamp1', property: 'on', reason: 'must be boolean', count: 4 })
  })

  test('are announced with a name of at most 64 characters', () => {
    const { fold, refused } = setUpStates()
    fold({ ['x'.repeat(5000)]: 1 })
    expect(refused[0]?.property).toHaveLength(64)
  })
})
