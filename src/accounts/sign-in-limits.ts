import { RateLimiterMemory } from 'rate-limiter-flexible'
import { networkOf } from '../domain/network.ts'
import { type Refusal, refuse } from '../domain/refusal.ts'

/** So many in so long. The time runs from the first of them. */
export interface Limit {
  readonly points: number
  readonly durationSeconds: number
}

export interface SignInLimitOptions {
  /** Wrong passwords for one user name, from anywhere. */
  readonly password: Limit
  /** Failed attempts of any kind from one address. */
  readonly address: Limit
  /** Attempts to register from one address, failed or not. */
  readonly registration: Limit
  /** Sign-ins of one WeChat user, failed or not. */
  readonly wechat: Limit
}

export const defaultSignInLimits: SignInLimitOptions = {
  password: { points: 10, durationSeconds: 15 * 60 },
  address: { points: 100, durationSeconds: 60 },
  registration: { points: 300, durationSeconds: 60 * 60 },
  wechat: { points: 30, durationSeconds: 60 },
}

type Verdict = Promise<Refusal<4029> | undefined>

/** Counts attempts, in memory, and forgets each count when its time is over. Every refusal says when to try again. */
export interface SignInLimits {
  /** Refuses an address that failed too often. To be asked before anything is spent on it. */
  checkAddress(address: string): Verdict
  failedFrom(address: string): Promise<void>
  countRegistration(address: string): Verdict
  countWechat(wechatId: string): Verdict
  /** To be called before the password is verified, or guesses made at once would all pass. Knows names, not accounts. */
  countPassword(username: string): Verdict
  /** The password was right: the count of `username` starts anew. */
  passwordMatched(username: string): Promise<void>
  /** The password was not verified after all: takes one `countPassword` back. */
  passwordUnverified(username: string): Promise<void>
}

export function createSignInLimits(options: SignInLimitOptions = defaultSignInLimits): SignInLimits {
  const passwords = limiter(options.password)
  const addresses = limiter(options.address)
  const registrations = limiter(options.registration)
  const wechatUsers = limiter(options.wechat)
  const sameName = (username: string) => username.normalize('NFC')

  return {
    async checkAddress(address) {
      const counted = await addresses.get(networkOf(address))
      return counted && counted.consumedPoints >= options.address.points ? slowDown(counted.msBeforeNext) : undefined
    },
    async failedFrom(address) {
      await addresses.penalty(networkOf(address))
    },
    countRegistration: address => count(registrations, networkOf(address)),
    countWechat: wechatId => count(wechatUsers, wechatId),
    countPassword: username => count(passwords, sameName(username)),
    async passwordMatched(username) {
      await passwords.delete(sameName(username))
    },
    async passwordUnverified(username) {
      await passwords.reward(sameName(username))
    },
  }
}

const limiter = ({ points, durationSeconds }: Limit): RateLimiterMemory =>
  new RateLimiterMemory({ points, duration: durationSeconds })

async function count(limits: RateLimiterMemory, key: string): Verdict {
  const counted = await limits.penalty(key)
  return counted.consumedPoints > limits.points ? slowDown(counted.msBeforeNext) : undefined
}

const slowDown = (waitMs: number): Refusal<4029> =>
  refuse(4029, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) })
