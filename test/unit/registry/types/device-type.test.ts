import { describe, expect, test } from 'vitest'
import { createDeviceType } from '../../../../src/registry/types/device-type.ts'
import { compiler, deviceTypeWith, lampType, modelWith, nestedJson } from '../models.ts'

describe('setting', () => {
  test.each([{ on: true }, { brightness: 0 }, { brightness: 100, label: '书房' }])('%j is allowed', properties => {
    expect(lampType.checkSet(properties)).toBeUndefined()
  })

  test.each([
    [{ on: 'yes' }, 'on', 'must be boolean'],
    [{ on: null }, 'on', 'must be boolean'],
    [{ brightness: 101 }, 'brightness', 'must be <= 100'],
    [{ brightness: 5.5 }, 'brightness', 'must be integer'],
    [{ on: true, label: 'x'.repeat(21) }, 'label', 'must NOT have more than 20 characters'],
    [{ power: 5 }, 'power', 'is read only'],
    [{ colour: 'red' }, 'colour', 'no such property'],
    [{ settings: { speed: 'fast' } }, 'settings', '/speed must be integer'],
  ])('%j is refused', (properties, property, reason) => {
    expect(lampType.checkSet(properties)).toEqual({ property, reason })
  })

  test.each(['__proto__', 'toString', 'hasOwnProperty'])('a property named %s is unknown like any other', name => {
    expect(lampType.checkSet(JSON.parse(`{"${name}":true}`))).toEqual({ property: name, reason: 'no such property' })
    expect(lampType.checkReported(name, true)).toBe('no such property')
  })

  test('a model may have a property named constructor', () => {
    expect(lampType.checkSet(JSON.parse('{"constructor":true}'))).toBeUndefined()
    expect(lampType.checkReported('constructor', 1)).toBe('must be boolean')
  })

  test('a value that nests too deep is refused before anything walks it', () => {
    expect(lampType.checkSet({ settings: JSON.parse(nestedJson(100_000)) })?.reason).toContain('32 levels')
    expect(lampType.checkReported('settings', JSON.parse(nestedJson(33)))).toContain('32 levels')
    expect(lampType.checkReported('settings', JSON.parse(nestedJson(32)))).toBeUndefined()
  })
})

describe('invoking', () => {
  test.each([
    ['blink', undefined],
    ['blink', { times: 3 }],
    ['dim', 5],
    ['reset', undefined],
    ['reset', {}],
    ['reset', null],
  ])('%s with %j is allowed', (action, input) => {
    expect(lampType.checkAction(action, input)).toBeUndefined()
  })

  test.each([
    ['blink', { times: 21 }, '/times must be <= 20'],
    ['blink', 3, 'must be object'],
    ['dim', undefined, 'must be integer'],
    ['reset', { hard: true }, 'takes no input'],
    ['reset', 1, 'takes no input'],
    ['explode', undefined, 'no such action'],
    ['__proto__', undefined, 'no such action'],
  ])('%s with %j is refused', (action, input, reason) => {
    expect(lampType.checkAction(action, input)).toBe(reason)
  })
})

test('a device may report what members may not set', () => {
  expect(lampType.checkReported('power', 5)).toBeUndefined()
  expect(lampType.checkReported('power', '5')).toBe('must be number')
})

test('a structure of more than 64 KiB is refused', () => {
  const type = deviceTypeWith({ properties: { list: { type: 'array' } } })
  expect(type.checkSet({ list: ['x'.repeat(64 * 1024)] })?.reason).toContain('65536 bytes')
})

test('the words WoT adds to JSON Schema are not errors', () => {
  const vocabulary = {
    type: 'number',
    unit: '°C',
    titles: { en: 'T' },
    observable: true,
    'iot:kind': 'x',
    format: 'odd',
  }
  expect(deviceTypeWith({ properties: { t: vocabulary } }).checkReported('t', 1)).toBeUndefined()
})

test('every problem of a model is found, with its path', () => {
  const problems = createDeviceType(
    'bad',
    modelWith({
      properties: { a: { pattern: 5, required: 'x' }, b: { $ref: '#/nowhere' }, id: { type: 'string' } },
      actions: { go: { input: { required: 'x' } } },
    }),
    compiler,
  )
  expect(problems).toEqual([
    { path: '/properties/a/pattern', reason: 'must be string' },
    { path: '/properties/a/required', reason: 'must be array' },
    { path: '/properties/b', reason: expect.stringContaining('#/nowhere') },
    { path: '/properties/id', reason: "is a command's own key and cannot be set" },
    { path: '/actions/go/input/required', reason: 'must be array' },
  ])
})

test('a property named id is allowed where nobody can set it', () => {
  const type = deviceTypeWith({ properties: { id: { type: 'string', readOnly: true } } })
  expect(type.checkReported('id', 'x')).toBeUndefined()
})
