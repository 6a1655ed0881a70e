import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviceTypeWith } from '../models.ts'

const steps = [0.1, 0.01, 0.001, 0.5, 0.25, 5, 100]
const typeOf = (step: number) =>
  deviceTypeWith({ properties: { level: { type: 'number', minimum: -1000, maximum: 1e6, multipleOf: step } } })
const decimalsOf = (step: number) => String(step).split('.')[1]?.length ?? 0

test('of the 301 tenths from 5 to 35 every one is a multiple of 0.1', () => {
  const type = typeOf(0.1)
  const tenths = Array.from({ length: 301 }, (_, i) => Number((5 + i / 10).toFixed(1)))
  expect(tenths.filter(level => type.checkSet({ level }) !== undefined)).toEqual([])
})

test.each(steps)(
  'of the step %d every multiple is allowed, however it was come by, and what lies between is refused',
  step => {
    const type = typeOf(step)
    const refusal = { property: 'level', reason: `must be multiple of ${step}` }
    const count = fc.integer({ min: Math.ceil(-1000 / step), max: Math.floor(1e6 / step) - 1 })
    fc.assert(
      fc.property(count, k => {
        const written = Number((k * step).toFixed(decimalsOf(step)))
        for (const level of [written, k * step, (k - 1) * step + step]) expect(type.checkSet({ level })).toBeUndefined()
        expect(type.checkSet({ level: (k + 0.5) * step })).toEqual(refusal)
        expect(type.checkSet({ level: written + step / 10 })).toEqual(refusal)
        expect(type.checkReported('level', (k + 0.5) * step)).toBe(refusal.reason)
      }),
      { numRuns: 300 },
    )
  },
)

test('large whole numbers are looked at to the last digit', () => {
  const type = deviceTypeWith({ properties: { n: { type: 'integer', multipleOf: 2 } } })
  expect(type.checkSet({ n: Number.MAX_SAFE_INTEGER - 1 })).toBeUndefined()
  expect(type.checkSet({ n: Number.MAX_SAFE_INTEGER })).toMatchObject({ reason: 'must be multiple of 2' })
})

test('it holds inside of an object, and in the input of an action', () => {
  const schema = { type: 'object', properties: { level: { type: 'number', multipleOf: 0.1 } } }
  const type = deviceTypeWith({ properties: { target: schema }, actions: { heat: { input: schema } } })
  expect(type.checkSet({ target: { level: 19.9 } })).toBeUndefined()
  expect(type.checkSet({ target: { level: 19.95 } })?.reason).toBe('/level must be multiple of 0.1')
  expect(type.checkAction('heat', { level: 19.9 })).toBeUndefined()
})
