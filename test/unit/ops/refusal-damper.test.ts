import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRefusalDamper } from '../../../src/ops/refusal-damper.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('ten refusals a minute of one network have an entry each, and one says how many followed', () => {
  const told: [string, number][] = []
  const damper = createRefusalDamper((network, count) => told.push([network, count]))
  const noted = Array.from({ length: 13 }, (_, i) => damper.note(`2001:db8::${i}`))
  expect(noted.filter(Boolean).length).toBe(10)
  expect(damper.note('192.0.2.1')).toBe(true)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([['2001:db8:0:0::/64', 3]])
  expect(damper.note('2001:db8::1')).toBe(true)
})

test('what was left out is told at the end too', () => {
  const told: [string, number][] = []
  const damper = createRefusalDamper((network, count) => told.push([network, count]))
  for (let i = 0; i < 11; i++) damper.note('192.0.2.1')
  damper.finish()
  expect(told).toEqual([['192.0.2.1', 1]])
})
