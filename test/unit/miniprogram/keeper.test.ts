import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createKeeper } from '../../../miniprogram/app/services/keeper.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A keeper of somebody who was online and is signed in; each attempt is settled by hand. */
function create() {
  const attempts: ((outcome: 'online' | 'failed') => void)[] = []
  const arrived: string[] = []
  let isOnline = true
  const keeper = createKeeper<'online' | 'failed'>({
    attempt: () => new Promise(resolve => void attempts.push(resolve)),
    arrived(outcome) {
      arrived.push(outcome)
      isOnline = outcome === 'online'
    },
    drop: () => {},
    wentOffline: () => {
      isOnline = false
    },
    isMissing: () => !isOnline,
    now: Date.now,
    random: () => 0,
  })
  const settle = async (index: number, outcome: 'online' | 'failed') => {
    attempts[index]?.(outcome)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { keeper, attempts, arrived, settle }
}

test('a lost connection is tried again after 300 ms, then later and later, one attempt at a time', async () => {
  const { keeper, attempts, settle } = create()
  keeper.lost()
  await vi.advanceTimersByTimeAsync(299)
  expect(attempts).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(attempts).toHaveLength(1)
  keeper.lost() // of the connection that the attempt is making
  await vi.advanceTimersByTimeAsync(60_000)
  expect(attempts).toHaveLength(1)
  await settle(0, 'failed')
  await vi.advanceTimersByTimeAsync(1000)
  expect(attempts).toHaveLength(2)
  await settle(1, 'failed')
  await vi.advanceTimersByTimeAsync(1999)
  expect(attempts).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(attempts).toHaveLength(3)
})

test('a connection that is lost as soon as it is made is not tried ever faster', async () => {
  const { keeper, attempts, settle } = create()
  keeper.lost()
  await vi.advanceTimersByTimeAsync(300)
  await settle(0, 'online')
  keeper.lost()
  await vi.advanceTimersByTimeAsync(999)
  expect(attempts).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  await settle(1, 'online')
  await vi.advanceTimersByTimeAsync(10_001)
  keeper.lost()
  await vi.advanceTimersByTimeAsync(300)
  expect(attempts).toHaveLength(3)
})

test('in the background nothing is tried, and at once when it is over', async () => {
  const { keeper, attempts } = create()
  keeper.hidden()
  keeper.lost()
  await vi.advanceTimersByTimeAsync(3000)
  expect(attempts).toHaveLength(0)
  keeper.shown()
  expect(attempts).toHaveLength(1)
  keeper.shown()
  expect(attempts).toHaveLength(1)
})

test('a wait that had begun before the background is not waited for after it', async () => {
  const { keeper, attempts } = create()
  keeper.lost()
  keeper.hidden()
  await vi.advanceTimersByTimeAsync(3000)
  expect(attempts).toHaveLength(0)
  keeper.shown()
  expect(attempts).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(3000)
  expect(attempts).toHaveLength(1)
})

test('an attempt from before the background is replaced by a new one, and callers that waited for it get the outcome of the new one', async () => {
  const { keeper, attempts, arrived, settle } = create()
  keeper.lost()
  const waiting = keeper.tryNow()
  keeper.hidden()
  await vi.advanceTimersByTimeAsync(4001)
  keeper.shown()
  expect(attempts).toHaveLength(2)
  await settle(0, 'failed')
  expect(arrived).toEqual([])
  await settle(1, 'online')
  expect(arrived).toEqual(['online'])
  expect(await waiting).toBe('online')
})

test('without a network nothing is tried, and at once when there is one', async () => {
  const { keeper, attempts } = create()
  keeper.lost()
  keeper.networkChanged(false)
  keeper.lost()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(attempts).toHaveLength(0)
  keeper.networkChanged(true)
  expect(attempts).toHaveLength(1)
})

test('after a stop nothing is tried, and what was under way changes nothing', async () => {
  const { keeper, attempts, arrived, settle } = create()
  keeper.lost()
  keeper.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(attempts).toHaveLength(0)
  void keeper.tryNow()
  keeper.stop()
  await settle(0, 'online')
  expect(arrived).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})
