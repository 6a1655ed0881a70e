import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ackTopic, createControl, stateTopic } from './device-control-fixture.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

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

test('a refusal that comes behind the acknowledgement of a command takes nothing back, and lets no older one through', async () => {
  const { control, hear } = createControl()
  const older = control.set('lamp', { on: true })
  const newer = control.set('lamp', { on: false })
  hear(ackTopic, { id: 'c2', code: 0 })
  hear(ackTopic, { id: 'c2', code: 2005, msg: 'too hot' })
  expect(control.state('lamp')).toMatchObject({ on: false })
  hear(ackTopic, { id: 'c1', code: 0 })
  expect(control.state('lamp')).toMatchObject({ on: false })
  expect([await older, await newer]).toEqual([{ done: false, replaced: true }, { done: true }])
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
