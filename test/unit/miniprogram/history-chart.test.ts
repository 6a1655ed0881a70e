import { describe, expect, it } from 'vitest'
import { historyChart } from '../../../miniprogram/app/services/history-chart.ts'

const span = { fromMs: 0, toMs: 600, isBoolean: false }
const sample = (at: number, value: number) => ({ at, min: value, max: value, avg: value, last: value })
const pathsOf = (image: string) => [...decodeURIComponent(image).matchAll(/ d="([^"]*)"/g)].map(([, path = '']) => path)

describe('a history chart', () => {
  it('is empty when nothing is known', () => {
    expect(historyChart({ samples: [] }, span)).toMatchObject({ isEmpty: true, image: '' })
  })

  it('goes on with the value before where nothing was recorded', () => {
    const { image, isEmpty } = historyChart({ samples: [], before: 20 }, span)
    expect(isEmpty).toBe(false)
    expect(pathsOf(image)[2]).toBe('M0 120L600 120')
  })

  it('steps from value to value and holds the last to the right edge', () => {
    const { image, top, bottom } = historyChart(
      { samples: [sample(100, 0), sample(300, 1)] },
      { ...span, isBoolean: true },
    )
    expect([bottom, top]).toEqual([0, 1])
    expect(pathsOf(image)[2]).toBe('M100 232L300 232L300 8L600 8')
  })

  it('leaves room above and below, also when every value is the same', () => {
    expect(historyChart({ samples: [sample(0, 10), sample(5, 20)] }, span)).toMatchObject({ bottom: 9.2, top: 20.8 })
    expect(historyChart({ samples: [sample(0, 0)] }, span)).toMatchObject({ bottom: -1, top: 1 })
  })

  it('makes no picture that could leave its url()', () => {
    const { image } = historyChart({ samples: [sample(0, 1)] }, span)
    expect(image.slice(5, -2)).not.toMatch(/['"()\\\s]/)
  })
})
