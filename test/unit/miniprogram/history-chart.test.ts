import { describe, expect, it } from 'vitest'
import { depthOf, historyChart } from '../../../miniprogram/app/services/history-chart.ts'

const scale = { fromMs: 0, toMs: 600, bottom: 0, top: 40, isBoolean: false }
const sample = (at: number, value: number) => ({ at, min: value, max: value, avg: value, last: value })
const pathsOf = (image: string) => [...decodeURIComponent(image).matchAll(/ d="([^"]*)"/g)].map(([, path = '']) => path)

describe('a history chart', () => {
  it('is empty when nothing is known', () => {
    expect(historyChart({ samples: [] }, scale)).toBe('')
  })

  it('goes on with the value before where nothing was recorded', () => {
    expect(pathsOf(historyChart({ samples: [], before: 20 }, scale))[2]).toBe('M0 120L600 120')
  })

  it('steps from value to value and holds the last to the right edge', () => {
    const image = historyChart({ samples: [sample(100, 0), sample(300, 1)] }, { ...scale, top: 1, isBoolean: true })
    expect(pathsOf(image)[2]).toBe('M100 232L300 232L300 8L600 8')
  })

  it('is as high as its marks', () => {
    expect(depthOf(20, scale)).toBe(50)
    expect(depthOf(40, scale)).toBeLessThan(depthOf(0, scale))
  })

  it('makes no picture that could leave its url()', () => {
    const image = historyChart({ samples: [sample(0, 1)] }, scale)
    expect(image.slice(5, -2)).not.toMatch(/['"()\\\s]/)
  })
})
