import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClosings } from '../../../src/broker/sessions/closings.ts'
import { startKeepAlive } from '../../../src/broker/sessions/keep-alive.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A session as far as this asks for one. */
function createSession(keepAliveSeconds: number) {
  const stream = { arrivedBytes: 0, isListening: true, hold: () => {}, sayFarewell() {} }
  const closed: number[] = []
  const session = {
    keepAliveSeconds,
    stream,
    closeReason: undefined,
    client: { close: () => closed.push(performance.now()) },
  }
  return { session, stream, closed }
}
const start = (...all: ReturnType<typeof createSession>[]) =>
  startKeepAlive({ all: () => all.map(({ session }) => session as never) }, createClosings())

test('a silent client is closed after one and a half times its keep alive, never before, and at most two seconds late', () => {
  for (const keepAliveSeconds of [1, 2, 15, 60]) {
    const one = createSession(keepAliveSeconds)
    const keepAlive = start(one)
    vi.advanceTimersByTime(700)
    one.stream.arrivedBytes++
    const heardAt = performance.now()
    vi.advanceTimersByTime(keepAliveSeconds * 1500 + 2000)
    keepAlive.stop()
    const lateMs = (one.closed[0] ?? Number.POSITIVE_INFINITY) - heardAt - keepAliveSeconds * 1500
    expect(lateMs).toBeGreaterThanOrEqual(0)
    expect(lateMs).toBeLessThanOrEqual(2000)
  }
})

test('a byte a second is enough, and while we do not listen no silence counts', () => {
  const slow = createSession(2)
  const unheard = createSession(2)
  unheard.stream.isListening = false
  const keepAlive = start(slow, unheard)
  for (let second = 0; second < 20; second++) {
    vi.advanceTimersByTime(1000)
    slow.stream.arrivedBytes++
  }
  expect([slow.closed, unheard.closed]).toEqual([[], []])
  unheard.stream.isListening = true
  vi.advanceTimersByTime(6000)
  expect([slow.closed.length > 0, unheard.closed.length > 0]).toEqual([true, true])
  keepAlive.stop()
})

test('when thousands fall silent at once each turn closes a few', () => {
  const all = Array.from({ length: 1000 }, () => createSession(1))
  const keepAlive = start(...all)
  const isClosed = () => all.filter(({ closed }) => closed.length > 0).length
  while (isClosed() === 0) vi.advanceTimersToNextTimer()
  expect(isClosed()).toBeLessThanOrEqual(20)
  keepAlive.stop()
  vi.runAllTimers()
  expect(isClosed()).toBe(1000)
})
