import { expect, test } from 'vitest'
import { createPace } from '../../../src/broker/transport/pace.ts'

function createMeasured() {
  const clock = { ms: 5000 }
  const pace = createPace({ messagesPerSecond: 100, bytesPerSecond: 1000 }, () => clock.ms)
  return { clock, pace }
}

test('a second’s worth may come at once, and then has to be waited for', () => {
  const { clock, pace } = createMeasured()
  expect(pace.messagesLeft()).toBe(100)
  expect(pace.spent(99, 0)).toBe(0)
  expect(pace.messagesLeft()).toBe(1)
  expect(pace.spent(51, 0)).toBe(510)
  clock.ms += 500
  expect(pace.messagesLeft()).toBe(0)
  clock.ms += 10
  expect(pace.messagesLeft()).toBe(1)
})

test('bytes count as well as messages, and the longer wait is the one', () => {
  const { pace } = createMeasured()
  expect(pace.spent(1, 3000)).toBe(2001)
  expect(pace.messagesLeft()).toBe(0)
  expect(createMeasured().pace.spent(400, 2000)).toBe(3010)
})

test('what is not used is not saved up', () => {
  const { clock, pace } = createMeasured()
  clock.ms += 3_600_000
  expect(pace.messagesLeft()).toBe(100)
})
