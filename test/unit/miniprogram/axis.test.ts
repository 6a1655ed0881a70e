import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisOf, timeMarks } from '../../../miniprogram/app/services/axis.ts'

describe('the scale of a chart', () => {
  it('tells values apart that lie close together', () => {
    expect(axisOf(4711.03, 4713.91)).toEqual({ bottom: 4711, top: 4714, marks: [4711, 4712, 4713, 4714], decimals: 0 })
    expect(axisOf(20.71, 20.94)).toMatchObject({ bottom: 20.7, top: 21, decimals: 1 })
  })

  it('does not go beyond what the device type allows', () => {
    expect(axisOf(3, 98, { minimum: 0, maximum: 100 })).toMatchObject({ bottom: 0, top: 100 })
    expect(axisOf(0, 0, { minimum: 0 }).bottom).toBe(0)
    expect(axisOf(100, 100, { maximum: 100 }).top).toBe(100)
  })

  it('has room for whatever was recorded, with two marks or more at different texts', () => {
    const value = fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(each => Math.round(each * 100) / 100)
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [least, most] = a < b ? [a, b] : [b, a]
        const { bottom, top, marks, decimals } = axisOf(least, most)
        expect(bottom).toBeLessThanOrEqual(least)
        expect(top).toBeGreaterThanOrEqual(most)
        expect(top).toBeGreaterThan(bottom)
        const texts = marks.map(mark => mark.toFixed(decimals))
        expect(new Set(texts).size).toBe(texts.length)
        expect(texts.length).toBeGreaterThanOrEqual(2)
        expect(texts.length).toBeLessThanOrEqual(6)
      }),
    )
  })

  it('is marked at quarters of an hour, of a day, and at midnights', () => {
    const at = (hour: number, minute = 0, day = 20) => new Date(2026, 10, day, hour, minute).getTime()
    expect(timeMarks(at(14, 7), at(15, 7))).toEqual([at(14, 15), at(14, 30), at(14, 45), at(15, 0)])
    expect(timeMarks(at(14, 7), at(14, 7, 21))).toEqual([at(18), at(0, 0, 21), at(6, 0, 21), at(12, 0, 21)])
    const week = timeMarks(at(14, 7, 13), at(14, 7, 20))
    expect(week).toEqual([at(0, 0, 15), at(0, 0, 17), at(0, 0, 19)])
  })
})
