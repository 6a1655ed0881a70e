import { describe, expect, it } from 'vitest'
import { edgesOf, type Used, usageReadOut, usageView } from '../../../miniprogram/app/services/usage-view.ts'

const now = new Date(2026, 10, 20, 15, 7).getTime() // a Friday
const dates = (edges: readonly number[]) =>
  edges.map(atMs => {
    const at = new Date(atMs)
    return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()} ${at.getHours()}:${at.getMinutes()}`
  })
const used = (period: Used['period'], amounts: readonly number[]): Used => ({
  period,
  amounts,
  unit: 'kWh',
  edgesMs: edgesOf(period, now).slice(-amounts.length - 1),
})

describe('where periods begin', () => {
  it('is at midnights, the last one tomorrow', () => {
    const edges = dates(edgesOf('day', now))
    expect(edges).toHaveLength(15)
    expect([edges[0], edges.at(-2), edges.at(-1)]).toEqual(['2026-11-7 0:0', '2026-11-20 0:0', '2026-11-21 0:0'])
  })

  it('of weeks is on Mondays', () => {
    const edges = edgesOf('week', now)
    expect(edges).toHaveLength(13)
    expect(new Set(edges.map(edge => new Date(edge).getDay()))).toEqual(new Set([1]))
    expect(dates(edges).slice(-2)).toEqual(['2026-11-16 0:0', '2026-11-23 0:0'])
    expect(dates(edgesOf('week', new Date(2026, 10, 22, 23, 59).getTime())).at(-1)).toBe('2026-11-23 0:0')
  })

  it('of months is on their first days, over the end of a year', () => {
    const edges = dates(edgesOf('month', now))
    expect([edges[0], edges.at(-1)]).toEqual(['2025-12-1 0:0', '2026-12-1 0:0'])
  })

  it('rises, whatever the clocks do', () => {
    for (const period of ['day', 'week', 'month'] as const)
      for (let ms = now; ms < now + 366 * 86_400_000; ms += 86_400_000 * 7) {
        const edges = edgesOf(period, ms)
        expect(edges).toEqual([...edges].sort((a, b) => a - b))
        expect(edges.at(-1)).toBeGreaterThan(ms)
      }
  })
})

describe('bars of what was used', () => {
  it('stand on zero, and say what was used in this period and in all', () => {
    const view = usageView(used('day', [0.4, 0, 1.25, 0.1]), 'en')
    expect(view.summary).toBe('Today 0.1 kWh · 4 days 1.75 kWh')
    expect(view.rows.map(({ text }) => text)).toEqual(['0.5', '1.0', '1.5'])
    expect(decodeURIComponent(view.image).match(/<rect/g)).toHaveLength(3)
    expect(usageView(used('month', [120, 34]), 'zh-CN').summary).toBe('本月 34 kWh · 2 个月共 154 kWh')
  })

  it('are named below, the last one among them', () => {
    const { times } = usageView(used('day', Array(14).fill(1)), 'en')
    expect(times.map(({ text }) => text)).toEqual(['11-08', '11-12', '11-16', '11-20'])
    expect(times.at(-1)?.at).toBeCloseTo((13.5 / 14) * 100, 1)
  })

  it('are none when nothing was used', () => {
    expect(usageView(used('week', [0, 0]), 'en')).toMatchObject({ image: '', summary: '' })
  })

  it('tell what a finger points at', () => {
    expect(usageReadOut(used('day', [0.4, 1.25]), 0.2, 'en')).toBe('2026-11-19 · 0.4 kWh')
    expect(usageReadOut(used('week', [0.4, 1.25]), 1, 'en')).toBe('2026-11-16 – 11-22 · 1.25 kWh')
    expect(usageReadOut(used('month', [12.34, 1234.5]), 0, 'zh-CN')).toBe('2026-10 · 12.3 kWh')
  })
})
