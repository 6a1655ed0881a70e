import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDeviceControl } from '../../../src/protocol/device-control.ts'
import type { JsonObject } from '../../../src/protocol/json.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const stateTopic = 'devices/lamp/state'
const ackTopic = 'devices/lamp/ack'

function createControl(publish?: () => unknown) {
  const sent: { topic: string; body: JsonObject }[] = []
  const shown: JsonObject[] = []
  let ids = 0
  const control = createDeviceControl({
    publish(topic, payload) {
      sent.push({ topic, body: JSON.parse(payload) })
      return publish?.()
    },
    changed: (_deviceId, state) => void shown.push(state),
    newId: () => `c${++ids}`,
  })
  const hear = (topic: string, body: object, retained = false) =>
    control.received(topic, JSON.stringify(body), retained)
  hear(stateTopic, { on: false, brightness: 50 }, true)
  shown.length = 0
  return { control, sent, shown, hear }
}

test('what is asked shows at once, and stays when the device acknowledges it', async () => {
  const { control, sent, shown, hear } = createControl()
  const outcome = control.set('lamp', { on: true })
  expect(sent).toEqual([{ topic: 'devices/lamp/set', body: { on: true, id: 'c1' } }])
  expect(shown).toEqual([{ on: true, brightness: 50 }])
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(await outcome).toEqual({ done: true })
  expect(control.state('lamp')).toEqual({ on: true, brightness: 50 })
  expect(shown).toHaveLength(1)
})

test('a device that does not acknowledge is done when it reports all that was wanted', async () => {
  const { control, hear } = createControl()
  const outcome = control.set('lamp', { on: true, brightness: 80 })
  hear(stateTopic, { on: true })
  hear(stateTopic, { on: true, brightness: 80, extra: 1 })
  expect(await outcome).toEqual({ done: true })
})

test('after three seconds without an answer it goes again, and only what was asked', async () => {
  const { control, shown, hear } = createControl()
  const outcome = control.set('lamp', { on: true })
  hear(stateTopic, { brightness: 10 })
  vi.advanceTimersByTime(2999)
  expect(control.state('lamp')).toEqual({ on: true, brightness: 10 })
  vi.advanceTimersByTime(1)
  expect(await outcome).toEqual({ done: false, msg: 'no answer in time' })
  expect(shown.at(-1)).toEqual({ on: false, brightness: 10 })
})

test.each([
  ['the device', ackTopic, { id: 'c1', code: 2005, msg: 'too hot' }],
  ['the broker: the value', 'notify/me/denied', { id: 'c1', topic: 'devices/lamp/set', code: 2005, msg: 'too hot' }],
  ['the broker: offline', 'notify/me/device-offline', { id: 'c1', deviceId: 'lamp', code: 2004, msg: 'offline' }],
])('a refusal by %s takes it back at once, with code and reason', async (_who, topic, body) => {
  const { control, shown, hear } = createControl()
  const outcome = control.set('lamp', { on: true })
  hear(topic, body)
  expect(await outcome).toEqual({ done: false, code: body.code, msg: body.msg })
  expect(shown.at(-1)).toEqual({ on: false, brightness: 50 })
})

test('what the device says counts more than what was wanted, once it is done', async () => {
  const { control, hear } = createControl()
  const outcome = control.set('lamp', { brightness: 200 })
  hear(stateTopic, { brightness: 100 })
  expect(control.state('lamp')).toEqual({ on: false, brightness: 200 }) // an older report may be on its way
  hear(ackTopic, { id: 'c1', code: 0 })
  await outcome
  expect(control.state('lamp')).toEqual({ on: false, brightness: 100 })
})

test('of two commands each is answered by its own id, and a failed one takes back only its own', async () => {
  const { control, hear } = createControl()
  const first = control.set('lamp', { on: true })
  const second = control.set('lamp', { brightness: 90 })
  hear(ackTopic, { id: 'c1', code: 2005, msg: 'no' })
  expect((await first).done).toBe(false)
  expect(control.state('lamp')).toEqual({ on: false, brightness: 90 })
  hear(ackTopic, { id: 'c2', code: 0 })
  expect((await second).done).toBe(true)
})

test('what was asked and not answered yet is pending, each property once and of that device only', async () => {
  const { control, hear } = createControl()
  expect(control.pending('lamp')).toEqual([])
  void control.set('lamp', { on: true, brightness: 1 })
  void control.set('lamp', { brightness: 2 })
  void control.set('other', { speed: 1 })
  void control.invoke('lamp', 'blink')
  expect(control.pending('lamp')).toEqual(['on', 'brightness'])
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(control.pending('lamp')).toEqual(['brightness'])
  hear(ackTopic, { id: 'c2', code: 2005, msg: 'no' })
  expect(control.pending('lamp')).toEqual([])
})

test('the answer of another device, of an unknown id, or without a code answers nothing', () => {
  const { control, hear } = createControl()
  void control.set('lamp', { on: true })
  hear('devices/other/ack', { id: 'c1', code: 0 })
  hear(ackTopic, { id: 'c9', code: 0 })
  hear(ackTopic, { id: 'c1' })
  hear(ackTopic, { code: 2005 })
  control.received(ackTopic, 'not json', false)
  control.received(ackTopic, '[]', false)
  hear('app/x', { id: 'c1', code: 0 })
  vi.advanceTimersByTime(3000)
  expect(control.state('lamp')).toEqual({ on: false, brightness: 50 })
})

test('an action is done when it is acknowledged; input is sent only when there is one', async () => {
  const { control, sent, shown, hear } = createControl()
  const blink = control.invoke('lamp', 'blink', { times: 2 })
  void control.invoke('lamp', 'reset')
  expect(sent).toEqual([
    { topic: 'devices/lamp/invoke/blink', body: { input: { times: 2 }, id: 'c1' } },
    { topic: 'devices/lamp/invoke/reset', body: { id: 'c2' } },
  ])
  hear(stateTopic, { on: false })
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(await blink).toEqual({ done: true })
  expect(shown).toEqual([])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('not connected')
    },
  ],
  ['rejects', () => Promise.reject(new Error('not connected'))],
])('what cannot be sent fails at once when publish %s', async (_how, publish) => {
  const { control, shown } = createControl(publish)
  expect(await control.set('lamp', { on: true })).toEqual({ done: false, msg: 'not connected' })
  expect(shown.at(-1)).toEqual({ on: false, brightness: 50 })
})

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

test('a whole state, which may be from before, answers nothing', async () => {
  const { control, hear } = createControl()
  const outcome = control.set('lamp', { on: false })
  hear(stateTopic, { on: false, brightness: 50 }, true)
  expect(control.pending('lamp')).toEqual(['on'])
  vi.advanceTimersByTime(3000)
  expect(await outcome).toEqual({ done: false, msg: 'no answer in time' })
})

test('the device’s time begins when the broker has the command', async () => {
  let received = () => {}
  const { control } = createControl(
    () =>
      new Promise<void>(resolve => {
        received = resolve
      }),
  )
  const outcome = control.set('lamp', { on: true })
  const settled = vi.fn()
  void outcome.then(settled)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(settled).not.toHaveBeenCalled()
  received()
  await vi.advanceTimersByTimeAsync(3000)
  expect(await outcome).toEqual({ done: false, msg: 'no answer in time' })
})

test('when the connection is gone all that is under way ends, what was reported stays, and late answers change nothing', async () => {
  const { control, hear } = createControl()
  const outcomes = [
    control.set('lamp', { on: true }),
    control.invoke('lamp', 'blink'),
    control.set('fan', { speed: 2 }),
  ]
  control.endAll('offline')
  expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => ({ done: false, msg: 'offline' })))
  expect(control.state('lamp')).toEqual({ on: false, brightness: 50 })
  expect(control.state('fan')).toEqual({})
  expect(vi.getTimerCount()).toBe(0)
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(control.state('lamp')).toEqual({ on: false, brightness: 50 })
})

test('a device that is taken away ends what was under way', async () => {
  const { control } = createControl()
  const outcome = control.set('lamp', { on: true })
  control.forget('lamp', 'not yours any more')
  expect(await outcome).toEqual({ done: false, msg: 'not yours any more' })
  expect(control.state('lamp')).toEqual({})
  expect(vi.getTimerCount()).toBe(0)
})

test('a property named __proto__ is only a property', async () => {
  const { control, hear } = createControl()
  control.received(stateTopic, '{"__proto__":{"on":true}}', true)
  const outcome = control.set('lamp', JSON.parse('{"__proto__":1}'))
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(await outcome).toEqual({ done: true })
  expect(Object.hasOwn(control.state('lamp'), '__proto__')).toBe(true)
  expect(({} as Record<string, unknown>).on).toBeUndefined()
})
