import { expect, test } from 'vitest'
import type { Sample } from '../../../../src/domain/history.ts'
import type { JsonObject } from '../../../../src/domain/json.ts'
import { createHistoryRecorder } from '../../../../src/registry/history/history-recorder.ts'
import { createHandTurnedScheduler } from '../hand-turned-scheduler.ts'
import { lampType } from '../models.ts'

/** A recorder with ten seconds between samples; time passes a second at a time, as its timer sees it. */
function setUp() {
  const scheduler = createHandTurnedScheduler()
  const clock = { ms: 1_000_000 }
  const written: Sample[] = []
  const recorder = createHistoryRecorder({
    minIntervalMs: 10_000,
    write: sample => written.push(sample),
    now: () => clock.ms,
    scheduler,
  })
  const states = new Map<string, JsonObject>()
  return {
    recorder,
    scheduler,
    clock,
    /** Device, seconds since the beginning, and value of everything written. */
    written: () => written.map(({ deviceId, atMs, value }) => [deviceId, (atMs - 1_000_000) / 1000, value]),
    report(state: JsonObject, deviceId = 'lamp1') {
      const before = states.get(deviceId) ?? {}
      states.set(deviceId, { ...before, ...state })
      recorder.folded(deviceId, lampType.model, before, { ...before, ...state })
    },
    pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        clock.ms += 1000
        scheduler.fire()
      }
    },
  }
}

test('the first value is written at once, an equal one never', () => {
  const { report, written, pass } = setUp()
  report({ brightness: 5 })
  pass(60)
  report({ brightness: 5 })
  pass(60)
  expect(written()).toEqual([['lamp1', 0, 5]])
})

test('within the interval only the newest value is kept, and is written when the interval ends, with the time of its change', () => {
  const { report, written, pass } = setUp()
  report({ brightness: 1 })
  pass(3)
  report({ brightness: 2 })
  pass(4)
  report({ brightness: 3 })
  pass(2)
  expect(written()).toEqual([['lamp1', 0, 1]])
  pass(1)
  expect(written()).toEqual([
    ['lamp1', 0, 1],
    ['lamp1', 7, 3],
  ])
})

test('a value written at the end of an interval begins the next one', () => {
  const { report, written, pass } = setUp()
  for (let second = 0; second < 25; second++) {
    report({ brightness: second })
    pass(1)
  }
  expect(written()).toEqual([
    ['lamp1', 0, 0],
    ['lamp1', 9, 9],
    ['lamp1', 19, 19],
  ])
})

test('after an interval without a change the next value is written at once, and nothing is remembered meanwhile', () => {
  const { report, written, pass, scheduler } = setUp()
  report({ brightness: 1 })
  pass(10)
  const timers = scheduler.delaysMs.length
  pass(60)
  expect(scheduler.delaysMs).toHaveLength(timers)
  report({ brightness: 2 })
  expect(written()).toEqual([
    ['lamp1', 0, 1],
    ['lamp1', 70, 2],
  ])
})

test('a second value in the same millisecond has a time of its own, so that it is not lost', () => {
  const { report, written, recorder } = setUp()
  report({ brightness: 1 })
  report({ brightness: 2 })
  recorder.flush()
  expect(written()).toEqual([
    ['lamp1', 0, 1],
    ['lamp1', 0.001, 2],
  ])
})

test('properties and devices have intervals of their own', () => {
  const { report, written } = setUp()
  report({ brightness: 1, power: 2.5 })
  report({ brightness: 3 }, 'lamp2')
  expect(written()).toEqual([
    ['lamp1', 0, 1],
    ['lamp1', 0, 2.5],
    ['lamp2', 0, 3],
  ])
})

test('booleans are 0 and 1; text, objects and what the model does not know are no samples', () => {
  const { report, written, pass } = setUp()
  report({ on: true, label: 'x', settings: { speed: 1 }, toString: 7, constructor: true })
  pass(10)
  report({ on: false })
  expect(written()).toEqual([
    ['lamp1', 0, 1],
    ['lamp1', 0, 1],
    ['lamp1', 10, 0],
  ])
})

test('a clock that is set back does not hold values back for as long', () => {
  const { report, written, clock, pass } = setUp()
  report({ brightness: 1 })
  clock.ms -= 3_600_000
  report({ brightness: 2 })
  pass(1)
  expect(written()).toHaveLength(2)
})

test('what a device held back is forgotten on demand, that of others is not; a flush hands over the rest, once', () => {
  const { report, written, recorder, pass } = setUp()
  report({ brightness: 1 })
  report({ brightness: 1 }, 'lamp2')
  report({ brightness: 2 })
  report({ brightness: 2 }, 'lamp2')
  recorder.drop('lamp1')
  recorder.flush()
  recorder.flush()
  expect(written().slice(2)).toEqual([['lamp2', 0.001, 2]])
  pass(20)
  expect(written()).toHaveLength(3)
})
