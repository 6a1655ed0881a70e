import type { AccountStore, AccountWithHash } from '../../domain/account.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { SignInLimits } from './sign-in-limits.ts'

export interface PasswordAttempt {
  readonly username: string
  /** The digest that the client sent. */
  readonly password: string
  readonly address: string
  /** The id of the session's own account, whose password it is: what others guess at its name, or fail at from its address, is no matter then. */
  readonly signedInAs?: string
  /** Whether such an account may use its password here; one that may not is treated as one that does not exist. */
  readonly accepts?: (account: AccountWithHash) => boolean
}

/** The account of that name and password; 1, in the same time, when there is none or the password is another; 4029 after too many. */
export type PasswordCheck = (attempt: PasswordAttempt) => Promise<AccountWithHash | Refusal<1 | 4029>>

export const createPasswordCheck =
  (parts: {
    readonly store: AccountStore
    readonly passwords: Passwords
    readonly limits: SignInLimits
  }): PasswordCheck =>
  async ({ username, password, address, signedInAs, accepts = () => true }) => {
    const { store, passwords, limits } = parts
    const use = signedInAs === undefined ? { address, username } : { address, signedInAs }
    const slowDown =
      (signedInAs === undefined ? await limits.checkAddress(address) : undefined) ?? (await limits.countPassword(use))
    if (slowDown) return slowDown

    const found = await store.accountByUsername(username)
    const account = found && accepts(found) ? found : undefined
    const matches = await passwords.verify(account?.passwordHash, password)
    if (isRefusal(matches)) {
      limits.passwordUnverified(use)
      return matches
    }
    if (!account || !matches) {
      await limits.failedFrom(address)
      return refuse(1)
    }
    limits.passwordMatched(use)
    return account
  }
