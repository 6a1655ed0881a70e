import { expect, test } from 'vitest'
import { metricIn } from '../../soak/figures.ts'
import { expectationOf, type Qos } from '../../soak/flows.ts'
import { secondHalf, slopePerHour } from '../../soak/slope.ts'
import { problemsOf, type SoakReport } from '../../soak/verdict.ts'

const well: SoakReport = {
  minutes: 60,
  tallies: { sent: 10, received: 10, lost: 0, misordered: 0, duplicated: 0, repeated: 3, strays: 0 },
  lost: 0,
  unacknowledged: [],
  complaints: [],
  faults: 0,
  dropped: 0,
  heapSlopeMbPerHour: 1,
  handles: { before: 8, after: 8 },
  descriptors: { before: 28, after: 28 },
  connectionsLeft: 0,
  exitCode: 0,
}

test('a run without losses and leaks is well', () => {
  expect(problemsOf(well)).toEqual([])
  expect(problemsOf({ ...well, descriptors: { before: Number.NaN, after: Number.NaN } })).toEqual([]) // no /proc
})

test.each<[string, Partial<SoakReport>]>([
  ['nothing was received', { tallies: { ...well.tallies, received: 0 } }],
  ['1 acknowledged messages were lost', { lost: 1 }],
  ['1 came out of order', { tallies: { ...well.tallies, misordered: 1 } }],
  ['1 came twice', { tallies: { ...well.tallies, duplicated: 1 } }],
  ['1 came to whom they were not for', { tallies: { ...well.tallies, strays: 1 } }],
  ['never acknowledged: app/x of w at QoS 1', { unacknowledged: ['app/x of w at QoS 1'] }],
  ['complaints: refused', { complaints: ['refused'] }],
  ['1 faults of the broker', { faults: 1 }],
  ['1 messages dropped from queues', { dropped: 1 }],
  ['1 connections are left', { connectionsLeft: 1 }],
  ['4 handles are left', { handles: { before: 8, after: 12 } }],
  ['4 descriptors are left', { descriptors: { before: 28, after: 32 } }],
  ['the heap grows by 50.0 MB/h', { heapSlopeMbPerHour: 50 }],
  ['the broker ended with null', { exitCode: null }],
])('a run is not well when: %s', (problem, change) => {
  expect(problemsOf({ ...well, ...change })).toEqual([problem])
})

test('a short run says nothing of the heap', () => {
  expect(problemsOf({ ...well, minutes: 9, heapSlopeMbPerHour: 500 })).toEqual([])
})

test('a slope is that of the line that fits best, per hour', () => {
  const minute = 60_000
  const around = Array.from({ length: 120 }, (_, n) => [n * minute, 50 + n / 60 + (n % 2)] as const)
  expect(slopePerHour(around)).toBeCloseTo(1, 0)
  expect(secondHalf(around)).toHaveLength(60)
  expect(slopePerHour([])).toBe(0)
})

test('a metric is read by its name and label', () => {
  const text = '# HELP a_total x\na_total{reason="x"} 2\na_total{reason="y"} 3\na_total_more 7\nb 1.5\n'
  expect(metricIn(text, 'a_total')).toBe(5)
  expect(metricIn(text, 'a_total', 'y')).toBe(3)
  expect(metricIn(text, 'b')).toBe(1.5)
  expect(() => metricIn(text, 'c')).toThrow('no metric c')
})

test.each<[Qos, Qos, boolean, { mustArrive: boolean; mayRepeat: boolean }]>([
  [2, 2, false, { mustArrive: true, mayRepeat: false }],
  [2, 1, false, { mustArrive: true, mayRepeat: true }],
  [1, 2, false, { mustArrive: true, mayRepeat: true }],
  [1, 0, false, { mustArrive: false, mayRepeat: true }], // its sender says it again
  [0, 2, false, { mustArrive: false, mayRepeat: false }],
  [2, 2, true, { mustArrive: false, mayRepeat: false }],
])('sent at QoS %i, subscribed at %i, in a clean session: %s', (sent, qos, isClean, expected) => {
  const flow = { topic: 't', qos: sent, sender: 's' }
  expect(expectationOf(flow, { filter: 't', qos, flows: [flow], isOwed: true }, isClean)).toEqual(expected)
})
