import type { AccountStore } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import type { Clock, Handlers } from '../../domain/request.ts'
import type { WechatPort } from '../../domain/wechat.ts'
import type { authOperations } from '../../protocol/operations/auth.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { announceRefusals } from './announce-refusals.ts'
import { createPasswordCheck } from './password-check.ts'
import { createSessionHandlers } from './session-handlers.ts'
import { createSessionStart } from './session-start.ts'
import { createSignInHandlers } from './sign-in-handlers.ts'
import type { SignInLimits } from './sign-in-limits.ts'
import type { WechatIdentity } from './wechat-identity.ts'

export interface AuthParts {
  readonly store: AccountStore
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly limits: SignInLimits
  readonly wechat: WechatPort
  readonly wechatIdentity: WechatIdentity
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
}

/** Every `auth/*` operation. */
export function createAuthHandlers(parts: AuthParts): Handlers<keyof typeof authOperations> {
  const shared = {
    ...parts,
    checkPassword: createPasswordCheck(parts),
    startSession: createSessionStart(parts),
  }
  const handlers = { ...createSignInHandlers(shared), ...createSessionHandlers(shared) }
  const announced = announceRefusals(parts.events)
  return {
    ...handlers,
    'auth/login': announced('auth/login', handlers['auth/login']),
    'auth/bind': announced('auth/bind', handlers['auth/bind']),
    'auth/register': announced('auth/register', handlers['auth/register']),
    'auth/signin': announced('auth/signin', handlers['auth/signin']),
    'auth/unbind': announced('auth/unbind', handlers['auth/unbind']),
    'auth/password': announced('auth/password', handlers['auth/password']),
  }
}
