import { type Refusal, slowDown } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { type AttemptLimit, createAttemptLimit } from '../../limits/attempt-limit.ts'
import {
  charge,
  chargeOf,
  createCountedLimit,
  type Limit,
  networkCharges,
  waitFor,
} from '../../limits/counted-limit.ts'
import { foldUsername } from '../../protocol/identifiers.ts'

export interface SignInLimitOptions {
  /** Wrong passwords for one user name from one network. When all networks together reach it, attempts are delayed. */
  readonly password: Limit
  /** Failed attempts of any kind from one address. */
  readonly address: Limit
  /** Attempts to register from one address, failed or not. */
  readonly registration: Limit
  /** Sign-ins of one WeChat user, failed or not. */
  readonly wechat: Limit
}

/** An attempt with a password: its address, and the user name that the client sent or the session's own account. */
export type PasswordUse = { readonly address: string } & (
  | { readonly username: string }
  | { readonly signedInAs: string }
)

type Verdict = Promise<Refusal<4029> | undefined>

/** Counts attempts in memory, each within its window. Every refusal says when to try again. */
export interface SignInLimits {
  /** Refuses an address that failed too often. Asked before any other work. */
  checkAddress(address: string): Verdict
  failedFrom(address: string): Promise<void>
  countRegistration(address: string): Verdict
  countWechat(wechatId: string): Verdict
  /**
   * Must be called before the password is verified, or simultaneous guesses would all pass. Refuses a network that guessed at this name too often;
   * guesses of others only delay it, by three seconds at most. It knows names, not accounts. A session's own account is counted apart from its
   * name, so that nobody can lock it without being signed in.
   */
  countPassword(use: PasswordUse): Verdict
  /** The password was right: the count of this network starts again. */
  passwordMatched(use: PasswordUse): void
  /** The password was not verified after all: takes back one `countPassword`. */
  passwordUnverified(use: PasswordUse): void
}

export function createSignInLimits(options: SignInLimitOptions, now: Clock = Date.now): SignInLimits {
  const passwords = createCountedLimit(options.password, now)
  const addresses = createCountedLimit(options.address, now)
  const registrations = createCountedLimit(options.registration, now)
  const wechatUsers = createCountedLimit(options.wechat, now)
  const whose = (use: PasswordUse) =>
    'username' in use ? `name ${foldUsername(use.username)}` : `account ${use.signedInAs}`
  const fromHere = (use: PasswordUse) => networkCharges(passwords, use.address, whose(use))
  const uses: AttemptLimit<PasswordUse> = createAttemptLimit({
    charges: fromHere,
    delayed: { limit: options.password, keyOf: whose, now },
  })

  return {
    checkAddress: async address => slowDown(waitFor(networkCharges(addresses, address))),
    async failedFrom(address) {
      for (const { key } of networkCharges(addresses, address)) addresses.add(key, 1)
    },
    countRegistration: async address => slowDown(charge(networkCharges(registrations, address))),
    countWechat: async wechatId => slowDown(charge([chargeOf(wechatUsers, wechatId)])),

    countPassword: uses.spend,
    passwordMatched(use) {
      uses.refund(use)
      const [narrowest] = fromHere(use)
      if (narrowest) passwords.forget(narrowest.key)
    },
    passwordUnverified: uses.refund,
  }
}
