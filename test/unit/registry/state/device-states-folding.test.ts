import { describe, expect, test } from 'vitest'
import { nestedJson } from '../models.ts'
import { setUpStates } from './device-states-fixture.ts'

describe('folding', () => {
  test('reports are merged in order, null takes a property away', () => {
    const { states, report } = setUpStates()
    report({ on: true, brightness: 5, settings: { speed: 1, other: 'x' } })
    report({ on: false, brightness: null, settings: { other: null } })
    expect(states.of('lamp1')).toEqual({ on: false, settings: { speed: 1 } })
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

  test('the whole state is bounded: what would make it larger is refused, and it may shrink', () => {
    const { fold, refused } = setUpStates()
    expect(Object.keys(fold({ settings: { x: 'x'.repeat(65_000) }, on: true, brightness: 5 }))).toHaveLength(3)
    expect(fold({ label: 'x'.repeat(20), settings: { y: 'y'.repeat(600) } })).not.toHaveProperty('settings.y')
    expect(refused.at(-1)).toMatchObject({ property: 'settings', reason: expect.stringContaining('65536 bytes') })
    expect(fold({ settings: { x: null, y: 'y' } }).settings).toEqual({ y: 'y' })
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
    expect(refused.length).toBeGreaterThan(0)
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
    expect(refused).toEqual([{ deviceId: 'odd1', property: '', reason: expect.stringContaining('model') }])
  })
})

describe('what readers get', () => {
  const shown = (payload: string) => {
    const { states } = setUpStates()
    return states.reported('lamp1', Buffer.from(payload)).forReaders?.toString()
  }

  test.each([
    '{"on":true, "brightness":  5}',
    '{"odd":1,"on":true}',
    '{"on":null}',
    '{}',
    'no JSON',
    '"on"',
    `{"odd":${nestedJson(990)},"on":true}`,
    '{"label":"a:\\":{\\"b"}',
  ])('is the report itself when nothing in it is refused: %s', payload => {
    expect(shown(payload)).toBe(payload)
  })

  test.each([
    ['{"on":"yes","brightness":5}', '{"brightness":5}'],
    ['{"brightness":9999,"odd":[1]}', '{"odd":[1]}'],
    ['{"settings":{"speed":"fast"},"on":true}', '{"on":true}'],
    ['{"on":"yes","brightness":9999}', undefined],
    [`{"settings":${nestedJson(40)}}`, undefined],
    [`{"on":"yes","odd":${nestedJson(990)},"label":"x"}`, '{"label":"x"}'],
    [`{"on":"yes","odd":${nestedJson(10_000)},"label":"x"}`, undefined],
    ['{"on":"yes","__proto__":{"x":1}}', '{"__proto__":{"x":1}}'],
  ])('of %s is %s', (payload, rest) => {
    expect(shown(payload)).toBe(rest)
  })

  test.each([
    ['{"brightness":9999,"brightness":50}', '{"brightness":50}'],
    ['{"brightness":50,"brightness":9999}', undefined],
    ['{"brightness":50,"bright\\u006eess":60}', '{"brightness":60}'],
    ['{"settings":{"speed":"x","speed":1}}', '{"settings":{"speed":1}}'],
  ])('of a key that stands twice is what was checked: %s', (payload, rest) => {
    expect(shown(payload)).toBe(rest)
  })
})

describe('refused values', () => {
  test('are announced once for each property, with the reason', () => {
    const { fold, refused } = setUpStates()
    fold({ colour: 'red', brightness: 500 })
    fold({ colour: 'blue', brightness: 600, on: 1 })
    fold({ on: 1 }, 'lamp2')
    expect(refused).toEqual([
      { deviceId: 'lamp1', property: 'colour', reason: 'no such property' },
      { deviceId: 'lamp1', property: 'brightness', reason: 'must be <= 100' },
      { deviceId: 'lamp1', property: 'on', reason: 'must be boolean' },
      { deviceId: 'lamp2', property: 'on', reason: 'must be boolean' },
    ])
  })

  test('the device is told of at most once a minute and property', () => {
    const { states, clock } = setUpStates()
    const told = (payload: object) =>
      states.reported('lamp1', Buffer.from(JSON.stringify(payload))).refused.map(({ property }) => property)
    expect(told({ on: 1, colour: 'red' })).toEqual(['on'])
    expect(told({ on: 2, brightness: 500 })).toEqual(['brightness'])
    clock.ms += 59_999
    expect(told({ on: 3, brightness: 500 })).toEqual([])
    clock.ms += 1
    expect(told({ on: 3, brightness: 500 })).toEqual(['on', 'brightness'])
  })

  test('unknown properties, of which a device may make up any number, are announced up to sixteen', () => {
    const { fold, refused } = setUpStates()
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`${from + n}`.padStart(5000, 'x'), n]))
    fold(many(0))
    fold(many(5000))
    fold({ a: 1 })
    for (let n = 0; n < 100; n++) fold({ [`b${n}`]: 1 })
    expect(refused.length).toBeLessThanOrEqual(16)
    for (const { property } of refused) expect(property.length).toBeLessThanOrEqual(64)
  })
})
