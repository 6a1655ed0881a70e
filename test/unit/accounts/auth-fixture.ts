import * as nodeArgon2 from '@node-rs/argon2'
import defaults from '../../../config/default.json' with { type: 'json' }
import { passwordDigest } from '../../../src/accounts/passwords/password-digest.ts'
import { createPasswords, type PasswordOptions } from '../../../src/accounts/passwords/passwords.ts'
import { createAuthHandlers } from '../../../src/accounts/sign-in/auth-handlers.ts'
import { createSignInLimits, type SignInLimitOptions } from '../../../src/accounts/sign-in/sign-in-limits.ts'
import { createTokens } from '../../../src/accounts/tokens/tokens.ts'
import { createOrders } from '../../../src/bus/create-orders.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import type { AccountRole, AccountStore } from '../../../src/domain/account.ts'
import { createEvents } from '../../../src/domain/events.ts'
import {
  guest,
  type Principal,
  type PrincipalKind,
  type PrincipalOf,
  type UserPrincipal,
} from '../../../src/domain/principal.ts'
import { refuse } from '../../../src/domain/refusal.ts'
import type { RequestContext } from '../../../src/domain/request.ts'
import { guessedCode } from '../../../src/domain/wechat.ts'
import { createFakeAccountStore } from './fake-account-store.ts'
import { createFakeKeyRing } from './fake-key-ring.ts'

const cheap = { memoryKib: 8, passes: 1, lanes: 1 }

/** The digest of a person's text, for short. */
export const digest = passwordDigest

/** Everything behind the `auth/*` handlers with fakes for the store (unless one is given) and WeChat, and cheap, counted argon2. */
export function createAuthFixture(
  options: { store?: AccountStore; limits?: Partial<SignInLimitOptions>; passwords?: PasswordOptions } = {},
) {
  const nowMs = 1_800_000_000_000
  const fake = createFakeAccountStore()
  const store = options.store ?? fake.store
  const events = createEvents()
  const orders = createOrders(events, localBus)
  const announced: { event: string; detail: object }[] = []
  events.on('signed-in', detail => announced.push({ event: 'signed-in', detail }))
  events.on('token-revoked', detail => announced.push({ event: 'token-revoked', detail }))
  events.on('account-signed-out', detail => announced.push({ event: 'account-signed-out', detail }))

  const argon2Runs = { hash: 0, verify: 0 }
  const argon2: NonNullable<PasswordOptions['argon2']> = {
    hash: (...given) => {
      argon2Runs.hash++
      return nodeArgon2.hash(...given)
    },
    verify: (...given) => {
      argon2Runs.verify++
      return nodeArgon2.verify(...given)
    },
  }
  const passwords = createPasswords(options.passwords ?? { concurrency: 4, maxQueued: 100, cost: cheap, argon2 })

  /** A code `wx-NAME` is the WeChat user NAME; `expired` is refused; `unreachable` gets no answer. */
  const codesSent: string[] = []
  const wechat = {
    async openidOf(code: string) {
      codesSent.push(code)
      if (code === 'expired') return guessedCode
      if (code === 'misconfigured') return refuse(1003)
      if (code === 'unreachable') return refuse(1006)
      return code.replace(/^wx-/, 'openid-')
    },
  }
  const wechatIdentity = (openid: string) => `hash-of-${openid}`

  const now = () => nowMs
  const { keys } = createFakeKeyRing()
  const tokens = createTokens({
    keys,
    store,
    issuer: 'latchkey',
    audience: 'latchkey',
    lifetimeSeconds: 12 * 3600,
    familyMaxDays: 90,
    now,
    aclClaim: false,
  })
  const limits = createSignInLimits({ ...defaults.signIn, ...options.limits })
  const auth = createAuthHandlers({ store, tokens, passwords, limits, wechat, wechatIdentity, events, orders, now })

  /** Adds an account; its password is the text "secret", its WeChat user the one called `wechat`. */
  async function addAccount(username: string, more: { role?: AccountRole; disabled?: boolean; wechat?: string } = {}) {
    const { role = 'user', disabled = false } = more
    const passwordHash = await nodeArgon2.hash(digest('secret'), { memoryCost: 8, timeCost: 1, parallelism: 1 })
    const account = { id: `id-of-${username}`, username, role, disabled, createdAtMs: nowMs, passwordHash }
    await store.createAccount(account, more.wechat && wechatIdentity(`openid-${more.wechat}`))
    return account
  }

  return {
    ...fake,
    store,
    auth,
    tokens,
    passwords,
    limits,
    events,
    orders,
    announced,
    argon2Runs,
    codesSent,
    now,
    addAccount,
  }
}

export type AuthFixture = ReturnType<typeof createAuthFixture>

/** A session: the context that handlers get, and whom it acts for now. */
export function createSession<K extends PrincipalKind>(
  principal: PrincipalOf<K>,
  { clientId = 'client-1', address = '192.0.2.1' } = {},
) {
  const session: { principal: Principal } = { principal }
  const become = (next: Principal) => {
    session.principal = next
    return 'done' as const
  }
  const context: RequestContext<K> = { clientId, address, principal, mayHold: async () => true, become }
  return { session, context }
}

export const guestSession = (more = {}) => createSession<'guest'>(guest, more)

/** A session of a user signed in by password, with the token's text. */
export async function signedIn(fixture: AuthFixture, username: string, more: { clientId?: string } = {}) {
  const opening = guestSession(more)
  const token = await fixture.auth['auth/signin']({ username, password: digest('secret') }, opening.context)
  const { principal } = opening.session
  if (typeof token !== 'string' || principal.kind !== 'user') throw new Error('not signed in')
  fixture.announced.length = 0
  return { token, ...createSession<'user'>(principal, more) }
}

/** The user principal of a session, or a failed test. */
export function userOf({ principal }: { principal: Principal }): UserPrincipal {
  if (principal.kind !== 'user') throw new Error(`acts for a ${principal.kind}`)
  return principal
}
