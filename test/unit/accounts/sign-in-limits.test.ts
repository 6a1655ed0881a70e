import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSignInLimits } from '../../../src/accounts/sign-in-limits.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const one = { points: 1, durationSeconds: 60 }
const limits = () => createSignInLimits({ password: one, address: one, registration: one, wechat: one })

it.each(['countPassword', 'countRegistration', 'countWechat'] as const)(
  '%s refuses the second within the time, says when to try again, and forgets the count after it',
  async count => {
    const counted = limits()
    expect(await counted[count]('x')).toBeUndefined()
    vi.advanceTimersByTime(20_500)
    expect(await counted[count]('x')).toEqual({ refused: 4029, retryAfterSeconds: 40 })
    expect(await counted[count]('y')).toBeUndefined()
    vi.advanceTimersByTime(39_500)
    expect(await counted[count]('x')).toBeUndefined()
  },
)

it('keeps nothing in memory once its time is over', async () => {
  const counted = limits()
  for (let i = 0; i < 100; i++) await counted.countPassword(`name-${i}`)
  expect(vi.getTimerCount()).toBe(100)
  vi.advanceTimersByTime(60_000)
  expect(vi.getTimerCount()).toBe(0)
})

it('refuses an address from so many failures on, and does not count asking', async () => {
  const counted = limits()
  for (let i = 0; i < 3; i++) expect(await counted.checkAddress('192.0.2.1')).toBeUndefined()
  await counted.failedFrom('192.0.2.1')
  expect(await counted.checkAddress('192.0.2.1')).toEqual({ refused: 4029, retryAfterSeconds: 60 })
  expect(await counted.checkAddress('192.0.2.2')).toBeUndefined()
})

it('takes an attempt back that was not verified', async () => {
  const counted = limits()
  await counted.countPassword('bob')
  await counted.passwordUnverified('bob')
  expect(await counted.countPassword('bob')).toBeUndefined()
})

it('counts all addresses that one IPv6 subscriber has as one', async () => {
  const counted = limits()
  await counted.failedFrom('2001:db8:1:2::1')
  expect(await counted.checkAddress('2001:db8:1:2:ffff::9')).toMatchObject({ refused: 4029 })
  expect(await counted.checkAddress('2001:db8:1:3::1')).toBeUndefined()
  expect(await counted.countRegistration('2001:db8:1:2::1')).toBeUndefined()
  expect(await counted.countRegistration('2001:db8:1:2::2')).toMatchObject({ refused: 4029 })
})
