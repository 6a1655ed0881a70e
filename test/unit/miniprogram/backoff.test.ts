import { expect, test } from 'vitest'
import { createBackoff } from '../../../miniprogram/app/services/backoff.ts'

const waits = (random: number, many = 8) => {
  const backoff = createBackoff(() => random)
  return Array.from({ length: many }, () => backoff.nextMs())
}

test('the first wait is short, and each later one longer, up to fifteen seconds', () => {
  expect(waits(0)).toEqual([300, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
})

test('all but the first are shortened by up to a half, so that phones do not come back in one instant', () => {
  expect(waits(1)).toEqual([300, 500, 1000, 2000, 4000, 7500, 7500, 7500])
})

test('when all is well again it begins anew', () => {
  const backoff = createBackoff(() => 0)
  backoff.nextMs()
  backoff.nextMs()
  backoff.reset()
  expect(backoff.nextMs()).toBe(300)
})
