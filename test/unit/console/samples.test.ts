import { expect, test } from 'vitest'
import {
  type MetricsSample,
  perMinute,
  rate,
  refusalsByRule,
  signInsByCode,
  spanOf,
  withSample,
} from '../../../console/views/samples.ts'

const sample = (at: number, more: Partial<MetricsSample> = {}): MetricsSample => ({
  at,
  startedAt: 0,
  connections: { guest: 0, user: 0, operator: 0, device: 0, service: 0 },
  storedSessions: 0,
  messages: { in: 0, out: 0 },
  bytes: { in: 0, out: 0 },
  dropped: 0,
  requests: [],
  refusals: [],
  eventLoopDelay: { p50: 0, p99: 0, max: 0 },
  memory: { rss: 0, heapUsed: 0 },
  passwordQueue: 0,
  wechat: { calls: 0, errors: 0 },
  ...more,
})

test('a chart shows what is known, and a minute when that is shorter', () => {
  expect(spanOf([100])).toEqual([100, 160])
  expect(spanOf([100, 130])).toEqual([100, 160])
  expect(spanOf([100, 130, 190])).toEqual([100, 190])
})

test('a rate is what came between two samples, by the second', () => {
  const samples = [
    sample(0, { messages: { in: 10, out: 0 } }),
    sample(2000, { messages: { in: 30, out: 0 } }),
    sample(6000, { messages: { in: 30, out: 0 } }),
  ]
  expect(rate('in', samples, ({ messages }) => messages.in).values).toEqual([null, 10, 0])
})

test('a count of the last minute drops what is older, and a name that was not counted in it has no line', () => {
  const refusals = (...counts: [string, number][]) => counts.map(([rule, count]) => ({ rule, count }))
  const samples = [
    sample(0, { refusals: refusals(['old', 5]) }),
    sample(30_000, { refusals: refusals(['old', 5], ['new', 2]) }),
    sample(90_000, { refusals: refusals(['old', 5], ['new', 2]) }),
    sample(91_000, { refusals: refusals(['old', 5], ['new', 3]) }),
  ]
  expect(perMinute(samples, refusalsByRule)).toEqual([{ label: 'new', values: [0, 2, 0, 1] }])
})

test('sign-ins are counted by code, whatever way was taken, and other requests are not', () => {
  const requests = [
    { operation: 'auth/login', code: 0, count: 2 },
    { operation: 'auth/signin', code: 0, count: 3 },
    { operation: 'auth/signin', code: 1, count: 4 },
    { operation: 'auth/logout', code: 0, count: 5 },
    { operation: 'device/list', code: 0, count: 6 },
  ]
  expect([...signInsByCode(sample(0, { requests }))]).toEqual([
    ['0', 5],
    ['1', 4],
  ])
})

test('half an hour is kept, and a restarted broker begins again', () => {
  let samples: readonly MetricsSample[] = []
  for (let at = 0; at < 1000; at++) samples = withSample(samples, sample(at * 2000))
  expect(samples).toHaveLength(900)
  expect(samples.at(-1)?.at).toBe(999 * 2000)
  expect(withSample(samples, sample(1, { startedAt: 1 }))).toHaveLength(1)
})
