import { expect, test } from 'vitest'
import { createDeviceTraffic } from '../../../../src/registry/state/device-traffic.ts'
import { bytes, models, nestedJson } from '../models.ts'

const reports: [string, Uint8Array][] = []
const traffic = createDeviceTraffic({
  models,
  deviceType: id => ({ lamp1: 'lamp', odd1: 'odd' })[id],
  states: {
    reported(id, payload) {
      reports.push([id, payload])
      return { forReaders: payload, refused: [{ property: 'on', reason: 'must be boolean' }], values: 1 }
    },
    now: () => '',
  },
})
const set = (payload: unknown, deviceId = 'lamp1') => traffic.checkCommand({ deviceId, payload: bytes(payload) })
const invoke = (action: string, payload: unknown) =>
  traffic.checkCommand({ deviceId: 'lamp1', action, payload: bytes(payload) })

test('a set that the model allows goes on, with its id', () => {
  expect(set({ id: '7', on: true })).toEqual({ forward: true, id: '7' })
  expect(set({ on: true })).toEqual({ forward: true })
})

test('a set that the model refuses is 2005 and names the property', () => {
  expect(set({ id: '7', brightness: 101 })).toEqual({
    forward: false,
    id: '7',
    code: 2005,
    reason: 'brightness: must be <= 100',
  })
})

test.each([
  ['', 'the payload must be a JSON object'],
  ['[]', 'the payload must be a JSON object'],
  ['null', 'the payload must be a JSON object'],
  ['{"on":', 'the payload must be a JSON object'],
  ['{}', 'there must be at least one property'],
  ['{"id":5,"on":true}', 'id must be a string of at most 64 characters'],
  [`{"id":"${'x'.repeat(65)}","on":true}`, 'id must be a string of at most 64 characters'],
])('a set of %j is malformed', (payload, reason) => {
  expect(set(payload)).toEqual({ forward: false, code: 4000, reason })
})

test('a set that holds only an id is malformed, and the id comes back', () => {
  expect(set({ id: '7' })).toEqual({
    forward: false,
    id: '7',
    code: 4000,
    reason: 'there must be at least one property',
  })
})

test('bytes that are not UTF-8 are malformed', () => {
  const payload = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
  expect(traffic.checkCommand({ deviceId: 'lamp1', payload })).toMatchObject({ code: 4000 })
})

test('an unknown device is 2001; one whose type is gone refuses everything', () => {
  expect(set({ id: '7', on: true }, 'nobody')).toMatchObject({ forward: false, id: '7', code: 2001 })
  expect(set({ on: true }, 'odd1')).toMatchObject({ forward: false, code: 2005 })
})

test('an invocation may be empty', () => {
  expect(invoke('reset', '')).toEqual({ forward: true })
  expect(invoke('blink', { id: '7', input: { times: 2 } })).toEqual({ forward: true, id: '7' })
})

test('an invocation that the model refuses is 2005 and names the action', () => {
  expect(invoke('blink', { id: '7', input: { times: 21 } })).toEqual({
    forward: false,
    id: '7',
    code: 2005,
    reason: 'blink: /times must be <= 20',
  })
  expect(invoke('explode', {})).toMatchObject({ code: 2005, reason: 'explode: no such action' })
})

test('an invocation holds nothing but id and input', () => {
  expect(invoke('blink', { times: 3 })).toMatchObject({ code: 4000, reason: 'an invocation holds only id and input' })
})

test.each([
  `{"settings":${nestedJson(10_000)}}`,
  nestedJson(10_000),
  '{"__proto__":{"on":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `{"on":"${'x'.repeat(64 * 1024)}"}`,
])('a hostile set is refused and throws nothing', payload => {
  expect(set(payload)).toMatchObject({ forward: false, code: 2005 })
  expect('polluted' in {}).toBe(false)
})

test.each([
  '{"id":"7","brightness":9999,"brightness":50}',
  '{"id":"7","brightness":9999,"\\u0062rightness":50}',
  '{"id":"7","settings":{"speed":9999,"speed":5}}',
])('a set with a key twice is malformed: the device might read the other one', payload => {
  const reason = 'a key must not stand twice in an object'
  expect(set(payload)).toEqual({ forward: false, id: '7', code: 4000, reason })
})

test('an invocation with a key twice is malformed too', () => {
  expect(invoke('blink', '{"input":{"times":99},"input":{"times":2}}')).toMatchObject({ forward: false, code: 4000 })
  expect(invoke('blink', '{"input":{"times":99,"times":2}}')).toMatchObject({ forward: false, code: 4000 })
})

test('a report is handed on; what its type refuses has the code and the reason that a command with it has', () => {
  const payload = Buffer.from(bytes({ on: true }))
  expect(traffic.reported('lamp1', payload)).toEqual({
    forReaders: payload,
    values: 1,
    denied: [{ property: 'on', code: 2005, reason: 'on: must be boolean' }],
  })
  expect(reports).toEqual([['lamp1', payload]])
})

test('a command of more than 1000 values is refused before it is parsed, so without its id', () => {
  const input = Array(1001).fill(0)
  const refused = { forward: false, code: 2005, reason: 'the command must not hold more than 1000 values' }
  expect(set({ id: '7', settings: input })).toEqual(refused)
  expect(invoke('blink', { id: '7', input })).toEqual(refused)
})
