import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSignInLimits, type PasswordUse } from '../../../../src/accounts/sign-in/sign-in-limits.ts'
import { inSubnet, ofOne48, ofOne56 } from '../../../support/network/subnets.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const one = { points: 1, durationSeconds: 60 }
const limits = () => createSignInLimits({ password: one, address: one, registration: one, wechat: one })
const bobFrom = (address: string): PasswordUse => ({ username: 'bob', address })
const here = '192.0.2.1'

it.each(['countRegistration', 'countWechat'] as const)(
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

it('refuses a network the second guess at one name, and leaves other names and the time after it', async () => {
  const counted = limits()
  expect(await counted.countPassword(bobFrom(here))).toBeUndefined()
  vi.advanceTimersByTime(20_500)
  expect(await counted.countPassword(bobFrom(here))).toEqual({ refused: 4029, retryAfterSeconds: 40 })
  expect(await counted.countPassword({ username: 'ann', address: here })).toBeUndefined()
  expect(await counted.countPassword({ signedInAs: 'bob', address: here })).toBeUndefined()
  vi.advanceTimersByTime(39_500)
  expect(await counted.countPassword(bobFrom(here))).toBeUndefined()
})

/** How long `use` is made to wait; it is let through in the end. */
async function waitOf(counted: ReturnType<typeof limits>, use: PasswordUse): Promise<number> {
  const startedAt = Date.now()
  const verdict = counted.countPassword(use)
  await vi.runAllTimersAsync()
  expect(await verdict).toBeUndefined()
  return Date.now() - startedAt
}

it('lets a name wait longer with each guess of whatever network, but three seconds at most', async () => {
  const counted = createSignInLimits({
    password: { ...one, durationSeconds: 900 },
    address: one,
    registration: one,
    wechat: one,
  })
  const waits: number[] = []
  for (let i = 1; i <= 9; i++) waits.push(await waitOf(counted, bobFrom(`192.0.2.${i}`)))
  expect(waits).toEqual([0, 100, 200, 400, 800, 1600, 3000, 3000, 3000])
  expect(await waitOf(counted, { username: 'ann', address: '192.0.2.1' })).toBe(0)
})

it('does not count the right password, nor one that was not verified', async () => {
  const counted = limits()
  for (let i = 0; i < 3; i++) {
    expect(await waitOf(counted, bobFrom(here))).toBe(0)
    if (i % 2) counted.passwordMatched(bobFrom(here))
    else counted.passwordUnverified(bobFrom(here))
  }
})

it('makes at most a thousand wait, then refuses only networks that have guessed before', async () => {
  const counted = createSignInLimits({
    password: { points: 2, durationSeconds: 900 },
    address: one,
    registration: one,
    wechat: one,
  })
  await counted.countPassword(bobFrom(here))
  await counted.countPassword(bobFrom('192.0.2.2'))
  const waiting = Array.from({ length: 1000 }, (_, i) => counted.countPassword(bobFrom(`10.0.${i >> 8}.${i & 255}`)))
  await Promise.resolve()
  expect(vi.getTimerCount()).toBe(1000)
  expect(await counted.countPassword(bobFrom(here))).toMatchObject({ refused: 4029 })
  expect(await counted.countPassword(bobFrom('192.0.2.3'))).toBeUndefined()
  expect(vi.getTimerCount()).toBe(1000)
  await vi.runAllTimersAsync()
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]))
})

it('refuses an address from so many failures on, and does not count asking', async () => {
  const counted = limits()
  for (let i = 0; i < 3; i++) expect(await counted.checkAddress('192.0.2.1')).toBeUndefined()
  await counted.failedFrom('192.0.2.1')
  expect(await counted.checkAddress('192.0.2.1')).toEqual({ refused: 4029, retryAfterSeconds: 60 })
  expect(await counted.checkAddress('192.0.2.2')).toBeUndefined()
})

it('counts all addresses that one IPv6 subscriber has as one', async () => {
  const counted = limits()
  await counted.failedFrom('2001:db8:1:2::1')
  expect(await counted.checkAddress('2001:db8:1:2:ffff::9')).toMatchObject({ refused: 4029 })
  expect(await counted.checkAddress('2001:db8:1:3::1')).toBeUndefined()
  expect(await counted.countRegistration('2001:db8:1:2::1')).toBeUndefined()
  expect(await counted.countRegistration('2001:db8:1:2::2')).toMatchObject({ refused: 4029 })
})

type Attempt = (counted: ReturnType<typeof limits>, address: string) => Promise<unknown>
const fail: Attempt = async (counted, address) => {
  const refusal = await counted.checkAddress(address)
  if (!refusal) await counted.failedFrom(address)
  return refusal
}
const guess: Attempt = async (counted, address) => {
  const verdict = counted.countPassword(bobFrom(address))
  await vi.advanceTimersByTimeAsync(3000)
  return verdict
}

it.each([
  ['a failure of any kind', fail],
  ['a registration', (counted, address) => counted.countRegistration(address)],
  ['a guess at one name', guess],
] satisfies [string, Attempt][])(
  'gives who has a /56 four times the limit of %s, and who has a /48 sixteen times',
  async (_what, attempt) => {
    const long = { points: 1, durationSeconds: 86_400 }
    const passedOf = async (addresses: readonly string[]) => {
      const counted = createSignInLimits({ password: long, address: long, registration: long, wechat: long })
      let passed = 0
      for (const address of addresses) if ((await attempt(counted, address)) === undefined) passed++
      return passed
    }
    expect([await passedOf(ofOne56), await passedOf(ofOne48)]).toEqual([4, 16])
  },
)

it('takes nothing from the neighbours of a network that goes on after it is refused', async () => {
  const counted = limits()
  for (let n = 0; n < 100; n++) await counted.countRegistration(inSubnet(0))
  expect(await counted.countRegistration(inSubnet(1))).toBeUndefined()
})
