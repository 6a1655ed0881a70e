import { expect, test } from 'vitest'
import { createLoadAverages } from '../../../../src/ops/metrics/load-averages.ts'

test('a steady load is told as what comes in a minute; the longer the window, the later', () => {
  const load = createLoadAverages()
  let total = 0
  for (let i = 0; i < 12 * 60; i++) {
    total += 50
    load.note(total, 10_000)
  }
  for (const [, perMinute] of load.entries()) expect(perMinute).toBeCloseTo(300, -1)
  for (let i = 0; i < 6; i++) load.note(total, 10_000)
  const [one, five, fifteen] = load.entries()
  expect(one).toEqual(['1min', expect.closeTo(300 / Math.E, -1)])
  expect(one?.[1]).toBeLessThan(five?.[1] ?? 0)
  expect(five?.[1]).toBeLessThan(fifteen?.[1] ?? 0)
})
