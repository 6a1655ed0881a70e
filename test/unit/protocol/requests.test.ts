import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRequests } from '../../../src/protocol/requests.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function create(send?: () => void) {
  const sent: { operation: string; body: { id: string } }[] = []
  const requests = createRequests({
    send(operation, payload) {
      sent.push({ operation, body: JSON.parse(payload) })
      send?.()
    },
  })
  return { requests, sent, answer: (reply: object) => requests.answered(JSON.stringify(reply)) }
}

test('replies are matched by id, in whatever order they come', async () => {
  const { requests, sent, answer } = create()
  const first = requests.ask('auth/logout', { everywhere: true })
  const second = requests.ask('device/members', { deviceId: 'lamp' })
  expect(sent).toMatchObject([
    { operation: 'auth/logout', body: { everywhere: true } },
    { operation: 'device/members', body: { deviceId: 'lamp' } },
  ])
  const [one, two] = sent.map(({ body }) => body.id)
  answer({ id: two, code: 0, msg: '', data: [] })
  answer({ id: one, code: 0, msg: '', data: {} })
  expect(await first).toEqual({ ok: true, data: {} })
  expect(await second).toEqual({ ok: true, data: [] })
})

test('a refusal gives its code, how long to wait, and nothing else; an unknown code counts as a fault', async () => {
  const { requests, sent, answer } = create()
  const asked = [1, 2, 3].map(() => requests.ask('device/list', {}))
  const [one, two, three] = sent.map(({ body }) => body.id)
  answer({ id: one, code: 4029, msg: 'slow down', data: { retryAfter: 7 } })
  answer({ id: two, code: 2001, msg: 'no', data: null })
  answer({ id: three, code: 9999, msg: 'new', data: null })
  expect(await Promise.all(asked)).toEqual([
    { ok: false, code: 4029, retryAfter: 7 },
    { ok: false, code: 2001 },
    { ok: false, code: 5000 },
  ])
})

test('what is not answered within twelve seconds is a timeout, and a later answer is passed over', async () => {
  const { requests, sent, answer } = create()
  const asked = requests.ask('device/list', {})
  let isSettled = false
  void asked.then(() => {
    isSettled = true
  })
  await vi.advanceTimersByTimeAsync(11_999)
  expect(isSettled).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await asked).toEqual({ ok: false, code: 'timeout' })
  answer({ id: sent[0]?.body.id, code: 0, msg: '', data: [] })
})

test('messages that are no replies to us are ignored', async () => {
  const { requests, sent, answer } = create()
  const asked = requests.ask('device/list', {})
  for (const payload of ['', 'null', '[]', '7', '{', '{"id":7,"code":0}', '{"code":0}', '{"id":"other","code":0}'])
    requests.answered(payload)
  answer({ id: sent[0]?.body.id, code: 0, msg: '', data: [] })
  expect(await asked).toEqual({ ok: true, data: [] })
})

test('when the connection ends, callers that wait and callers that come later are told at once', async () => {
  const { requests, sent } = create()
  const waiting = requests.ask('device/list', {})
  requests.end()
  expect(await waiting).toEqual({ ok: false, code: 'offline' })
  expect(await requests.ask('device/list', {})).toEqual({ ok: false, code: 'offline' })
  expect(sent).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('what cannot be sent is told at once', async () => {
  const { requests } = create(() => {
    throw new Error('no socket')
  })
  expect(await requests.ask('device/list', {})).toEqual({ ok: false, code: 'offline' })
})
