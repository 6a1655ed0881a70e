import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actionControls, actionInput, propertyControls } from '../../../miniprogram/app/services/controls.ts'
import { packageRoot } from '../../../src/app/package-root.ts'
import { type ThingModel, thingModelSchema } from '../../../src/protocol/thing-model.ts'

const shipped = (type: string): ThingModel =>
  thingModelSchema.parse(JSON.parse(readFileSync(join(packageRoot(), 'devices', 'types', `${type}.json`), 'utf8')))
const model = (properties: ThingModel['properties'], actions: ThingModel['actions'] = {}): ThingModel => ({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  '@type': 'tm:ThingModel',
  title: 'Test',
  properties,
  actions,
})
const only = (property: ThingModel['properties'][string], state = {}) =>
  propertyControls(model({ it: property }), state, [], 'en')[0]

describe('the controls of a thing model', () => {
  it('draws a lamp as a switch and two sliders, with values and units', () => {
    const controls = propertyControls(shipped('lamp'), { on: true, brightness: 40 }, ['brightness'], 'en')
    expect(controls.map(({ name, kind, shown, pending }) => [name, kind, shown, pending])).toEqual([
      ['on', 'switch', 'On', false],
      ['brightness', 'slider', '40 %', true],
      ['colorTemperature', 'slider', '', false],
    ])
  })

  it('draws a thermostat as readings, a slider in half degrees, and a choice with names', () => {
    const controls = propertyControls(shipped('thermostat'), { mode: 'heat', temperature: 21.456 }, [], 'zh-CN')
    expect(controls.map(({ kind }) => kind)).toEqual(['read-only', 'read-only', 'slider', 'select'])
    expect(controls[0]).toMatchObject({ label: '当前温度', shown: '21.46 °C' })
    expect(controls[2]).toMatchObject({ min: 5, max: 35, step: 0.5 })
    expect(controls[3]).toMatchObject({ shown: '制热', selected: 1 })
  })

  it('offers an enum without names by its values', () => {
    expect(only({ type: 'string', enum: ['a', 'b'] }, { it: 'b' })).toMatchObject({
      kind: 'select',
      selected: 1,
      shown: 'b',
    })
  })

  it('lets a number without bounds, or with more positions than a thumb can find, be typed', () => {
    expect(only({ type: 'number' })?.kind).toBe('number')
    expect(only({ type: 'integer', minimum: 0, maximum: 100_000 })?.kind).toBe('number')
    expect(only({ type: 'integer', minimum: 5, maximum: 5 })?.kind).toBe('number')
    expect(only({ type: 'number', minimum: 0, maximum: 0.05 })?.kind).toBe('number')
  })

  it('lets a text be typed, and only reads what it has no control for', () => {
    expect(only({ type: 'string', maxLength: 20 })).toMatchObject({ kind: 'text', maxLength: 20 })
    expect(only({ type: 'object' }, { it: { a: 1 } })).toMatchObject({ kind: 'read-only', shown: '{"a":1}' })
    expect(only({})?.kind).toBe('read-only')
  })

  it('takes nothing from a prototype for a value', () => {
    expect(propertyControls(model({ constructor: { type: 'string' as const } }), {}, [], 'en')[0]).toMatchObject({
      hasValue: false,
    })
  })

  it('falls back from the language to English, the title, and the name', () => {
    expect(only({ title: 'T', titles: { en: 'E' } })?.label).toBe('E')
    expect(only({ title: 'T', titles: { fr: 'F' } })?.label).toBe('T')
    expect(only({})?.label).toBe('it')
  })
})

describe('the actions of a thing model', () => {
  it('starts fields at their defaults, and sends what was typed', () => {
    const lamp = shipped('lamp')
    const [blink] = actionControls(lamp, 'en')
    expect(blink).toMatchObject({
      name: 'blink',
      label: 'Blink',
      fields: [{ name: 'times', kind: 'slider', value: 3 }],
    })
    const [typed] = actionControls(lamp, 'en', () => 7)
    expect(actionInput(lamp.actions?.blink, typed?.fields ?? [])).toEqual({ times: 7 })
  })

  it('sends nothing for an action without input, and the bare value where the input is no object', () => {
    const plug = shipped('plug')
    const [reset] = actionControls(plug, 'en')
    expect(actionInput(plug.actions?.resetEnergy, reset?.fields ?? [])).toBeUndefined()

    const dim = { input: { type: 'integer' as const, minimum: 0, maximum: 10 } }
    const [control] = actionControls(model({}, { dim }), 'en', () => 4)
    expect(actionInput(dim, control?.fields ?? [])).toBe(4)
  })

  it('leaves out a field that nobody filled', () => {
    const say = {
      input: { type: 'object' as const, properties: { text: { type: 'string' }, loud: { type: 'boolean' } } },
    }
    const [control] = actionControls(model({}, { say }), 'en')
    expect(actionInput(say, control?.fields ?? [])).toEqual({ loud: false })
  })
})
