import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEvents } from '../../../../src/domain/events.ts'
import { createMeters } from '../../../../src/ops/metrics/meters.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('count as soon as they are made, and sample the event loop once they are started', () => {
  const events = createEvents()
  const meters = createMeters(events, () => 0)
  expect([meters.delay(), vi.getTimerCount()]).toEqual([{ p50: 0, p99: 0, max: 0 }, 0])
  meters.start()
  expect(vi.getTimerCount()).toBe(1)
  meters.close()
  expect(vi.getTimerCount()).toBe(0)
})
