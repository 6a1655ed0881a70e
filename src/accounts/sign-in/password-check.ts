import type { AccountStore, AccountWithHash } from '../../domain/account.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { SignInLimits } from './sign-in-limits.ts'

export interface PasswordAttempt {
  readonly username: string
  /** The digest that the client sent. */
  readonly password: string
  readonly address: string
  /** The id of the session's own account, when its password is checked again: then attempts of others, at its name or from its address, do not count. */
  readonly signedInAs?: string
  /** Says whether the account may sign in here; one that may not is treated as if it did not exist. */
  readonly accepts?: (account: AccountWithHash) => boolean
}

/** The account of that name and password. 1 for an unknown name or a wrong password, in the same time; 4029 after too many attempts. */
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
