import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startServiceTokenWatch } from '../../../../src/accounts/tokens/service-token-watch.ts'
import { createEvents } from '../../../../src/domain/events.ts'
import { serviceWarningsMs } from '../../../../src/domain/token-warnings.ts'
import { createFakeAccountStore } from '../fake-account-store.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function setUp(daysLeft: number) {
  const { store } = createFakeAccountStore()
  const expiresAtMs = Date.now() + daysLeft * dayMs
  const times = { issuedAtMs: Date.now(), expiresAtMs }
  await store.recordToken({ id: 't', subject: 'nodered', role: 'service', ...times })
  await store.recordToken({ id: 'u', subject: 'ann', role: 'user', ...times })
  const events = createEvents()
  const told: number[] = []
  events.on('service-token-ending', ({ tokenId }) => {
    if (tokenId !== 't') throw new Error('told of a person')
    told.push(Math.ceil((expiresAtMs - Date.now()) / dayMs))
  })
  const faults: unknown[] = []
  events.on('fault', fault => faults.push(fault))
  const watch = startServiceTokenWatch({ store, events, now: Date.now })
  await vi.advanceTimersByTimeAsync(0)
  return { store, told, faults, watch }
}

it('tells of a token 14, 3 and 1 days before it ends, once each', async () => {
  const { told } = await setUp(20)
  await vi.advanceTimersByTimeAsync(21 * dayMs)
  expect(told).toEqual([14, 3, 1])
})

it('tells at the start of one that has fewer, and then at the times that are left', async () => {
  const { told } = await setUp(5)
  expect(told).toEqual([5])
  await vi.advanceTimersByTimeAsync(6 * dayMs)
  expect(told).toEqual([5, 3, 1])
})

it('does not warn any more of one that was rotated or revoked', async () => {
  for (const end of ['endToken', 'revokeToken'] as const) {
    const { store, told } = await setUp(5)
    await store[end]('t', Date.now() + dayMs)
    await vi.advanceTimersByTimeAsync(6 * dayMs)
    expect(told).toEqual([5])
  }
})

it('goes on after a fault of the store, and stops when told to', async () => {
  const { store, told, faults, watch } = await setUp(15)
  const { serviceTokensEnding } = store
  store.serviceTokensEnding = () => Promise.reject(new Error('locked'))
  await vi.advanceTimersByTimeAsync(2 * dayMs)
  expect(faults.length).toBeGreaterThan(0)
  store.serviceTokensEnding = serviceTokensEnding
  await vi.advanceTimersByTimeAsync(hourMs)
  expect(told).toHaveLength(1)
  watch.stop()
  await vi.advanceTimersByTimeAsync(20 * dayMs)
  expect(told).toHaveLength(1)
})

it.each([
  [20, [6, 17, 19]],
  [14, [11, 13]],
  [5, [2, 4]],
  [0.5, []],
])(
  'a session whose token has %d days left is warned after %j days, and at once when it has 14 or fewer',
  (days, after) => {
    const delays = serviceWarningsMs(days * dayMs)
    expect(delays.filter(delayMs => delayMs > 1000)).toEqual(after.map(each => each * dayMs))
    expect(delays.includes(1000)).toBe(days <= 14)
  },
)
