import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRefusalDamper } from '../../../../src/ops/log/refusal-damper.ts'
import { ofOne48, ofOne56 } from '../../../support/network/subnets.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('ten refusals a minute of one network have an entry each, and one says how many followed', () => {
  const told: [string, number][] = []
  const damper = createRefusalDamper((network, count) => told.push([network, count]))
  const noted = Array.from({ length: 13 }, (_, i) => damper.noteFrom(`2001:db8::${i}`))
  expect(noted.filter(Boolean).length).toBe(10)
  expect(damper.noteFrom('192.0.2.1')).toBe(true)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([['2001:db8:0:0::/64', 3]])
  expect(damper.noteFrom('2001:db8::1')).toBe(true)
})

test('what was left out is told at the end too', () => {
  const told: [string, number][] = []
  const damper = createRefusalDamper((network, count) => told.push([network, count]))
  for (let i = 0; i < 11; i++) damper.noteFrom('192.0.2.1')
  damper.finish()
  expect(told).toEqual([['192.0.2.1', 1]])
})

test.each([
  ['/56', ofOne56, 40, '2001:db8:1:0::/56'],
  ['/48', ofOne48, 160, '2001:db8:1:0::/48'],
] as const)(
  'who has a %s has that many entries a minute, and one line for the rest',
  (_prefix, addresses, entries, network) => {
    const told: [string, number][] = []
    const damper = createRefusalDamper((who, count) => told.push([who, count]))
    const noted = Array.from({ length: 4 }, () => addresses.map(address => damper.noteFrom(address))).flat()
    expect(noted.filter(Boolean)).toHaveLength(entries)
    vi.advanceTimersByTime(60_000)
    expect(told).toEqual([[network, 1024 - entries]])
  },
)
