import { randomUUID } from 'node:crypto'
import type { Account, AccountStore, AccountWithHash } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers, RequestContext } from '../../domain/request.ts'
import type { WechatPort } from '../../domain/wechat.ts'
import type { RefusalCode } from '../../protocol/codes.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { PasswordCheck } from './password-check.ts'
import type { Proof, SessionStart } from './session-start.ts'
import type { SignInLimits } from './sign-in-limits.ts'
import type { WechatIdentity } from './wechat-identity.ts'

export interface SignInParts {
  readonly store: AccountStore
  readonly wechat: WechatPort
  readonly wechatIdentity: WechatIdentity
  readonly passwords: Passwords
  readonly checkPassword: PasswordCheck
  readonly limits: SignInLimits
  readonly startSession: SessionStart
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
}

type SignInOperation = 'auth/login' | 'auth/bind' | 'auth/register' | 'auth/signin'

/** The operations that make a session act for an account. */
export function createSignInHandlers(parts: SignInParts): Handlers<SignInOperation> {
  const { store, wechat, wechatIdentity, passwords, checkPassword, limits, startSession, events, orders, now } = parts

  async function wechatIdOf(code: string, address: string): Promise<string | Refusal<1003 | 1006 | 4029>> {
    const openid = await wechat.openidOf(code)
    if (isRefusal(openid)) {
      if (openid.isGuess) await limits.failedFrom(address)
      return openid
    }
    const wechatId = wechatIdentity(openid)
    return (await limits.countWechat(wechatId)) ?? wechatId
  }

  async function signIn<C extends RefusalCode>(
    operation: SignInOperation,
    context: Pick<RequestContext, 'become' | 'mayHold' | 'clientId' | 'address'>,
    prove: Proof<C>,
  ): Promise<string | Refusal<C | 1008 | 1009 | 5000>> {
    const started = await startSession(context, prove)
    if (isRefusal(started)) return started
    const { token, principal } = started
    const { clientId, address } = context
    events.emit('signed-in', { clientId, address, principal, operation, userId: principal.userId })
    return token
  }

  /** Proves that a verified password is still the account's. */
  const passwordStillHolds = (verified: AccountWithHash) => async (): Promise<Account | Refusal<1 | 1007>> => {
    const account = await store.accountByUsername(verified.username)
    return account?.passwordHash === verified.passwordHash ? enabled(account) : refuse(1)
  }

  return {
    async 'auth/login'({ code }, context) {
      const slowDown = await limits.checkAddress(context.address)
      if (slowDown) return slowDown
      const wechatId = await wechatIdOf(code, context.address)
      if (isRefusal(wechatId)) return wechatId
      return signIn('auth/login', context, async () => {
        const account = await store.accountByWechat(wechatId)
        return account ? enabled(account) : refuse(1001)
      })
    },

    async 'auth/bind'({ username, password, code }, context) {
      // The password comes first: a wrong one does not use up the code. Operators cannot sign in by WeChat.
      const accepts = ({ role }: Account) => role === 'user'
      const verified = await checkPassword({ username, password, address: context.address, accepts })
      if (isRefusal(verified)) return verified
      if (verified.disabled) return refuse(1007)
      const wechatId = await wechatIdOf(code, context.address)
      if (isRefusal(wechatId)) return wechatId

      // WeChat may have taken seconds, so the password is checked again.
      const prove = passwordStillHolds(verified)
      const account = await prove()
      if (isRefusal(account)) return account
      if (!(await context.mayHold({ kind: account.role, userId: account.id }))) return refuse(1009)
      const isNew = (await store.accountByWechat(wechatId)) === undefined
      // The link outlives the password, so the store checks the password once more.
      const outcome = await store.linkWechat(wechatId, account.id, verified.passwordHash)
      if (outcome !== 'linked') return refuse(outcome === 'linked-elsewhere' ? 1005 : 1)
      if (isNew) {
        const { clientId, address, principal } = context
        await orders.give('wechat-linked', { clientId, address, principal, userId: account.id })
      }
      return signIn('auth/bind', context, prove)
    },

    async 'auth/register'({ username, password, code }, context) {
      const { address } = context
      const slowDown = (await limits.checkAddress(address)) ?? (await limits.countRegistration(address))
      if (slowDown) return slowDown
      const wechatId = await wechatIdOf(code, address)
      if (isRefusal(wechatId)) return wechatId
      const id = randomUUID()
      if (await store.accountByWechat(wechatId)) return refuse(1005)
      if (await store.accountByUsername(username)) return refuse(1004)
      // Last, so that a client refused for another reason learns nothing about the ids of devices.
      if (!(await context.mayHold({ kind: 'user', userId: id }))) return refuse(1009)

      const passwordHash = await passwords.hash(password)
      if (isRefusal(passwordHash)) return passwordHash
      const account = {
        id,
        username: username.normalize('NFC'),
        role: 'user',
        disabled: false,
        createdAtMs: now(),
        passwordHash,
      } as const
      const created = await store.createAccount(account, wechatId)
      if (created !== 'created') return refuse(created === 'taken' ? 1004 : 1005)
      return signIn('auth/register', context, async () => account)
    },

    async 'auth/signin'({ username, password }, context) {
      const verified = await checkPassword({ username, password, address: context.address })
      return isRefusal(verified) ? verified : signIn('auth/signin', context, passwordStillHolds(verified))
    },
  }
}

const enabled = (account: Account): Account | Refusal<1007> => (account.disabled ? refuse(1007) : account)
