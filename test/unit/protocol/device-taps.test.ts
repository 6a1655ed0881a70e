import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ackTopic, createControl, stateTopic } from './device-control-fixture.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Taps on, off and on again before the lamp has said anything. */
function tapThrice() {
  const created = createControl()
  const [first, second, third] = [true, false, true].map(on => created.control.set('lamp', { on }))
  if (!first || !second || !third) throw new Error('three taps')
  const on = () => created.control.state('lamp').on
  return { ...created, first, second, third, on }
}

test('of three taps the first two are replaced, and a lamp that does one after the other never shows an older one', async () => {
  const { first, second, third, shown, hear, on } = tapThrice()
  expect(await first).toEqual({ done: false, replaced: true })
  expect(await second).toEqual({ done: false, replaced: true })
  shown.length = 0
  for (const [id, value] of [['c1', true] as const, ['c2', false] as const, ['c3', true] as const]) {
    expect(on()).toBe(true)
    hear(stateTopic, { on: value })
    hear(ackTopic, { id, code: 0 })
  }
  expect(await third).toEqual({ done: true })
  expect(shown).toEqual([])
})

test('a lamp that acknowledges at once and reports later shows no older tap in between', async () => {
  const { third, shown, hear } = tapThrice()
  for (const id of ['c1', 'c2', 'c3']) hear(ackTopic, { id, code: 0 })
  expect(await third).toEqual({ done: true })
  shown.length = 0
  for (const on of [true, false, true]) hear(stateTopic, { on })
  expect(shown).toEqual([])
})

test('a lamp that never acknowledges answers the newest tap by its third report, and no sooner', async () => {
  const { control, third, hear } = tapThrice()
  hear(stateTopic, { on: true })
  hear(stateTopic, { on: false })
  expect(control.pending('lamp')).toEqual(['on'])
  hear(stateTopic, { on: true })
  expect(control.pending('lamp')).toEqual([])
  expect(await third).toEqual({ done: true })
})

test('when the middle one of three taps is lost, nothing is', async () => {
  const { third, hear, on } = tapThrice()
  hear(stateTopic, { on: true })
  hear(stateTopic, { on: true })
  vi.advanceTimersByTime(3000)
  expect(await third).toEqual({ done: true })
  expect(on()).toBe(true)
})

test('when the last one of three taps is lost, it is lost, whatever an older one made the lamp say', async () => {
  const { third, hear, on } = tapThrice()
  hear(stateTopic, { on: true })
  hear(ackTopic, { id: 'c1', code: 0 })
  hear(stateTopic, { on: false })
  hear(ackTopic, { id: 'c2', code: 0 })
  vi.advanceTimersByTime(2999)
  expect(on()).toBe(true)
  vi.advanceTimersByTime(1)
  expect(await third).toEqual({ done: false, msg: 'no answer in time' })
  expect(on()).toBe(false)
})

test('a refusal of an older tap that comes late changes nothing, and one of the newest shows what the lamp said last', async () => {
  const { third, shown, hear } = tapThrice()
  hear(stateTopic, { on: true })
  shown.length = 0
  hear('notify/me/denied', { id: 'c2', code: 4029, msg: 'slow down' })
  hear('notify/me/device-offline', { id: 'c1', code: 2004, msg: 'offline' })
  expect(shown).toEqual([])
  hear('notify/me/device-offline', { id: 'c3', code: 2004, msg: 'offline' })
  expect(await third).toEqual({ done: false, code: 2004, msg: 'offline' })
  expect(shown).toEqual([]) // it was on when it went
})

test('acknowledgements out of order settle each its own, and what the lamp reports in the end is shown', async () => {
  const { third, hear, on } = tapThrice()
  hear(ackTopic, { id: 'c3', code: 0 })
  expect(await third).toEqual({ done: true })
  hear(ackTopic, { id: 'c1', code: 0 })
  hear(ackTopic, { id: 'c2', code: 0 })
  expect(on()).toBe(true)
  hear(stateTopic, { on: false })
  vi.advanceTimersByTime(3000) // what older taps may still cause is over
  expect(on()).toBe(false)
})

test('a command of several properties is replaced only when later ones ask for all of them', async () => {
  const { control, hear } = createControl()
  const both = control.set('lamp', { on: true, brightness: 80 })
  const settled = vi.fn()
  void both.then(settled)
  void control.set('lamp', { on: false })
  await vi.advanceTimersByTimeAsync(0)
  expect(settled).not.toHaveBeenCalled()
  expect(control.state('lamp')).toEqual({ on: false, brightness: 80 })
  hear('notify/me/denied', { id: 'c1', code: 2005, msg: 'too bright' })
  expect(await both).toEqual({ done: false, code: 2005, msg: 'too bright' })
  expect(control.state('lamp')).toEqual({ on: false, brightness: 50 })
  const again = control.set('lamp', { on: true, brightness: 70 })
  void control.set('lamp', { on: false })
  void control.set('lamp', { brightness: 60 })
  expect(await again).toEqual({ done: false, replaced: true })
})

test('a slider that is let go many times shows the last position until the device has reached it', async () => {
  const { control, shown, hear } = createControl()
  const outcomes = Array.from({ length: 20 }, (_, brightness) => control.set('lamp', { brightness }))
  shown.length = 0
  for (let brightness = 0; brightness < 20; brightness++) {
    hear(stateTopic, { brightness })
    hear(ackTopic, { id: `c${brightness + 1}`, code: 0 })
  }
  expect(shown).toEqual([])
  const settled = await Promise.all(outcomes)
  expect(settled.filter(outcome => 'replaced' in outcome)).toHaveLength(19)
  expect(settled[19]).toEqual({ done: true })
  expect(vi.getTimerCount()).toBe(0)
})

test('a report that a device makes anyway does not settle a tap whose older ones are unanswered', async () => {
  const { control, hear } = createControl()
  void control.set('lamp', { on: true })
  const last = control.set('lamp', { on: false })
  hear(stateTopic, { on: false, brightness: 50 }) // as it was before both
  hear(stateTopic, { on: true })
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(control.state('lamp').on).toBe(false)
  vi.advanceTimersByTime(3000)
  expect(await last).toEqual({ done: false, msg: 'no answer in time' })
  expect(control.state('lamp').on).toBe(true)
})
