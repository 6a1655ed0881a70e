import { expect, test } from 'vitest'
import { setUpStates } from './device-states-fixture.ts'

const many = (count: number, prefix = 'k') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 0]))

test('a report of 1000 values is taken, and one more is refused whole and told once a minute', () => {
  const { states, report, refused, clock } = setUpStates()
  report({ on: true })
  const tooMany = { on: false, settings: many(999) }
  const whole = { property: '', reason: 'the report must not hold more than 1000 values' }
  expect(report(tooMany)).toEqual({ forReaders: undefined, refused: [whole], values: 0 })
  expect(states.of('lamp1')).toEqual({ on: true })
  expect(refused).toEqual([{ deviceId: 'lamp1', ...whole }])
  expect(report(tooMany).refused).toEqual([])
  clock.ms += 60_000
  expect(report(tooMany).refused).toEqual([whole])
  expect(refused).toHaveLength(1)
  const most = { on: true, settings: many(998) }
  expect(report(most)).toMatchObject({ refused: [] })
  expect(states.of('lamp1')).toEqual(most)
})

test('a state of 1000 values accepts no more, however they come, and may shrink', () => {
  const { states, report } = setUpStates()
  report({ settings: many(990) })
  expect(report({ settings: many(20, 'more') }).refused).toEqual([
    { property: 'settings', reason: 'the whole state must not hold more than 1000 values' },
  ])
  report({ settings: many(9, 'more') })
  expect(report({ on: true }).refused).toEqual([
    { property: 'on', reason: 'the whole state must not hold more than 1000 values' },
  ])
  report({ settings: { k0: null } })
  expect(report({ on: true }).refused).toEqual([])
  expect(states.of('lamp1')).toMatchObject({ on: true })
})

test('what is no JSON object passes as it is, whatever it seems to hold', () => {
  const { states } = setUpStates()
  for (const payload of [',,'.repeat(2000), JSON.stringify(Array(3000).fill(0))])
    expect(states.reported('lamp1', Buffer.from(payload)).forReaders).toEqual(Buffer.from(payload))
})

test('a report counts for its own values, and for all of the objects that it changes a part of', () => {
  const { report } = setUpStates()
  expect(report({ on: true, brightness: 3 }).values).toBe(2)
  report({ settings: many(600) })
  expect(report({ on: false }).values).toBe(1)
  expect(report({ settings: { k0: 1 } }).values).toBe(2 + 601)
})

test('a state that grew larger before there were bounds is still there after a restart: it may shrink and change, and not grow', async () => {
  const { states, kept, report } = setUpStates()
  const grown = { on: true, settings: many(1500) }
  await kept.put('lamp1', '', JSON.stringify(grown))
  await states.seed()
  expect(states.of('lamp1')).toEqual(grown)
  expect(report({ on: false, settings: { k0: 1 } }).refused).toEqual([])
  expect(report({ settings: { one: 'more' } }).refused).toHaveLength(1)
  report({ settings: { k1: null } })
  expect(Object.keys(states.of('lamp1').settings ?? {})).toHaveLength(1499)
})
