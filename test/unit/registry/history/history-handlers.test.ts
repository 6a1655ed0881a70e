import { expect, test } from 'vitest'
import type { HistoryQuestion } from '../../../../src/domain/history.ts'
import type { UserPrincipal } from '../../../../src/domain/principal.ts'
import type { RequestContext } from '../../../../src/domain/request.ts'
import { operations } from '../../../../src/protocol/operations.ts'
import { createHistoryHandlers } from '../../../../src/registry/history/history-handlers.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'
import { models } from '../models.ts'

const as = (userId: string): RequestContext<'user'> => {
  const token = { id: 't', expiresAtMs: 0 }
  const principal: UserPrincipal = { kind: 'user', userId, username: userId, grants: new Map(), token }
  return { clientId: 'phone', address: '127.0.0.1', principal, mayHold: async () => true, become: () => 'done' }
}

function setUp() {
  const store = createFakeDeviceStore()
  store.add({ id: 'lamp1' })
  store.add({ id: 'odd1', type: 'odd' })
  store.members.set('lamp1', [
    { userId: 'ann', role: 'owner' },
    { userId: 'bob', role: 'controller' },
    { userId: 'cat', role: 'viewer' },
  ])
  store.members.set('odd1', [{ userId: 'ann', role: 'owner' }])
  const asked: HistoryQuestion[] = []
  const handlers = createHistoryHandlers({
    store,
    models,
    history: {
      async read(question) {
        asked.push(question)
        return { before: 1, buckets: [{ startMs: 10, min: 1, max: 3, avg: 2, last: 3 }] }
      },
      rises: async ({ edgesMs }) => edgesMs.slice(1).map(edgeMs => edgeMs / 2),
      days: async (deviceId, after, atMost) =>
        Array.from({ length: deviceId === 'lamp1' ? 700 : 3 }, (_, index) => index)
          .filter(index => after.property === '' || index > after.dayMs)
          .slice(0, atMost)
          .map(index => ({ property: 'brightness', dayMs: index, min: 1, max: 3, avg: 2, rise: 4 })),
    },
  })
  const ask = (userId: string, request: object = {}) =>
    handlers['device/history'](
      operations['device/history'].request.parse({
        deviceId: 'lamp1',
        property: 'brightness',
        from: 0,
        to: 1000,
        ...request,
      }),
      as(userId),
    )
  const usage = (userId: string, request: object = {}) =>
    handlers['device/usage'](
      operations['device/usage'].request.parse({
        deviceId: 'lamp1',
        property: 'brightness',
        edges: [0, 10, 30],
        ...request,
      }),
      as(userId),
    )
  const page = (userId: string, after?: string) =>
    handlers['account/history'](operations['account/history'].request.parse({ after }), as(userId))
  return { ask, asked, usage, page }
}

test.each(['ann', 'bob', 'cat'])('any member may ask: %s', async userId => {
  const { ask } = setUp()
  expect(await ask(userId)).toEqual({ samples: [{ at: 10, min: 1, max: 3, avg: 2, last: 3 }], before: 1 })
})

test('strangers get 2001, and learn nothing of the device, whatever else is wrong', async () => {
  const { ask, asked } = setUp()
  expect(await ask('eve')).toEqual({ refused: 2001 })
  expect(await ask('eve', { property: 'nothing', from: 9, to: 8 })).toEqual({ refused: 2001 })
  expect(await ask('eve', { deviceId: 'nobody' })).toEqual({ refused: 2001 })
  expect(asked).toEqual([])
})

test.each([
  [{ from: 1000 }, 'from: must be before to'],
  [{ property: 'colour' }, 'property: lamp has no such property'],
  [{ property: 'toString' }, 'property: lamp has no such property'],
  [{ property: 'label' }, 'property: only numbers and booleans are recorded'],
  [{ deviceId: 'odd1' }, 'property: odd has no such property'],
])('%j is 4000: %s', async (request, detail) => {
  const { ask, asked } = setUp()
  expect(await ask('ann', request)).toEqual({ refused: 4000, detail })
  expect(asked).toEqual([])
})

test('the range is cut into a hundred buckets when not asked otherwise, and never into more than asked', async () => {
  const { ask, asked } = setUp()
  await ask('ann')
  await ask('ann', { points: 300 })
  await ask('ann', { points: 1 })
  expect(asked.map(({ bucketMs }) => bucketMs)).toEqual([10, 4, 1000])
})

test.each([{ points: 0 }, { points: 501 }, { points: 1.5 }, { from: -1 }, { to: 'now' }, { to: 1e300 }])(
  'the schema refuses %j',
  async request => {
    const { ask } = setUp()
    expect(() => ask('ann', request)).toThrow()
  },
)

test.each(['ann', 'bob', 'cat'])('any member is told what was used: %s', async userId => {
  const { usage } = setUp()
  expect(await usage(userId)).toEqual({ amounts: [5, 15] })
})

test.each([
  [{ edges: [0, 10, 10] }, 'edges: each must be later than the one before'],
  [{ property: 'colour' }, 'property: lamp has no such property'],
  [{ property: 'label' }, 'property: only numbers and booleans are recorded'],
])('what was used, by %j, is 4000: %s', async (request, detail) => {
  const { usage } = setUp()
  expect(await usage('ann', request)).toEqual({ refused: 4000, detail })
  expect(await usage('eve', request)).toEqual({ refused: 2001 })
})

test.each([
  { edges: [1] },
  { edges: Array.from({ length: 402 }, (_, n) => n) },
  { edges: [-1, 2] },
  { edges: [0, 0.5] },
])('the schema refuses usage by %j', async request => {
  const { usage } = setUp()
  expect(() => usage('ann', request)).toThrow()
})

test('what the devices of an account recorded by the day comes in pages of 500, each once, and nothing of the devices of others', async () => {
  const { page } = setUp()
  const first = await page('ann')
  const second = 'days' in first ? await page('ann', first.next) : first
  if (!('days' in first && 'days' in second)) throw new Error('refused')
  expect(first.days).toHaveLength(500)
  expect(first.days[0]).toEqual({ deviceId: 'lamp1', property: 'brightness', day: 0, min: 1, max: 3, avg: 2, rise: 4 })
  expect(second.next).toBeUndefined()
  const all = [...first.days, ...second.days].map(({ deviceId, day }) => `${deviceId} ${day}`)
  expect(all).toHaveLength(703)
  expect(new Set(all).size).toBe(703)
  expect(await page('eve')).toEqual({ days: [] })
  for (const odd of ['zzz', 'lamp1', 'lamp1/', 'lamp1/x/y', '//', 'lamp1/brightness/1e999'])
    expect(await page('ann', odd)).toHaveProperty('days')
})
