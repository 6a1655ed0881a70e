import { describe, expect, it } from 'vitest'
import { type Charted, historyView, readOut } from '../../../miniprogram/app/services/history-view.ts'

const toMs = new Date(2026, 10, 20, 15, 7).getTime()
const minute = 60_000
const sample = (minutesAgo: number, value: number) => ({
  at: toMs - minutesAgo * minute,
  min: value,
  max: value,
  avg: value,
  last: value,
})
const charted = (property: string, history: Charted['history']): Charted => ({
  history,
  property,
  span: 'hour',
  toMs,
  device: {
    model: {
      '@context': 'https://www.w3.org/2022/wot/td/v1.1',
      '@type': 'tm:ThingModel',
      title: 'Plug',
      properties: {
        on: { type: 'boolean' },
        energy: { type: 'number', minimum: 0, unit: 'kWh', readOnly: true },
      },
    },
  },
})
const energy = charted('energy', { samples: [sample(50, 4711.03), sample(20, 4713.91)] })

describe('a chart with its texts', () => {
  it('has marks that differ, at the height of their values, and says least, average and most', () => {
    const { rows, summary } = historyView(energy, 'en')
    expect(rows.map(({ text }) => text)).toEqual(['4711', '4712', '4713', '4714'])
    expect(rows.map(({ at }) => at)).toEqual([...rows.map(({ at }) => at)].sort((a, b) => b - a))
    expect(summary).toBe('Min 4711 kWh · avg 4712.5 kWh · max 4713.9 kWh')
  })

  it('is marked with the time, and ends now', () => {
    const { times } = historyView(energy, 'zh-CN')
    expect(times.map(({ text }) => text)).toEqual(['14:15', '14:30', '14:45', '现在'])
    expect(times[0]?.at).toBeCloseTo((8 / 60) * 100, 0)
  })

  it.each([
    ['week', '11-15', '11-20'],
    ['month', '10-28', '11-18'],
    ['year', '2026-01', '2026-10'],
  ] as const)('of a %s has marks of its own kind', (span, first, last) => {
    const { times } = historyView({ ...energy, span }, 'en')
    const texts = times.map(({ text }) => text)
    expect([texts[0], texts.at(-1)]).toEqual([first, 'Now'])
    expect(texts.length).toBeGreaterThan(3)
    expect(texts.length).toBeLessThan(7)
    expect(first <= (texts.at(-2) ?? '') && (texts.at(-2) ?? '') <= last).toBe(true)
  })

  it('of a switch is on or off', () => {
    const { rows, summary } = historyView(charted('on', { samples: [sample(30, 1)], before: 0 }), 'en')
    expect(rows.map(({ text }) => text)).toEqual(['Off', 'On'])
    expect(summary).toBe('')
  })

  it('is empty when nothing is known', () => {
    expect(historyView(charted('energy', { samples: [] }), 'en')).toMatchObject({ image: '', rows: [], summary: '' })
  })
})

describe('where a finger points', () => {
  const at = (along: number, of = energy) => readOut(of, along, 'en')

  it('is what was recorded then, and the value before where nothing was', () => {
    expect(at(0.5)).toBe('14:37 · 4711.03 kWh')
    expect(at(1)).toBe('15:07 · 4713.91 kWh')
    expect(at(0)).toBe('')
    expect(at(0, charted('energy', { samples: [sample(20, 2)], before: 1 }))).toBe('14:07 · 1 kWh')
  })

  it('is on or off of a switch', () => {
    const lamp = charted('on', { samples: [sample(30, 1)], before: 0 })
    expect([at(0.1, lamp), at(0.9, lamp)]).toEqual(['14:13 · Off', '15:01 · On'])
  })
})
