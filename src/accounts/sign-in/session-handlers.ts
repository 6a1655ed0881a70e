import type { AccountStore } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { originOf } from '../../domain/origin.ts'
import { guest } from '../../domain/principal.ts'
import { isRefusal, refuse } from '../../domain/refusal.ts'
import type { Handlers, RequestContext } from '../../domain/request.ts'
import type { AuditKind } from '../../protocol/operations/audit.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { announceReuse } from '../tokens/announce-reuse.ts'
import { changeAccount } from '../tokens/change-account.ts'
import type { NoSuccessor, Tokens } from '../tokens/tokens.ts'
import type { PasswordCheck } from './password-check.ts'
import type { SessionStart } from './session-start.ts'

export interface SessionParts {
  readonly store: AccountStore
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly checkPassword: PasswordCheck
  readonly startSession: SessionStart
  readonly events: Events
  readonly orders: Orders
}

const whyNoSuccessor: Readonly<Record<NoSuccessor, string | undefined>> = {
  revoked: undefined,
  reused: 'the successor of this token was already used',
  alone: 'a token from the command line cannot be refreshed',
  'family-over': 'sign in again',
}

type SessionOperation = 'auth/refresh' | 'auth/logout' | 'auth/unbind' | 'auth/password'

/** The operations of a session that is signed in. They revoke in the store first and announce it afterwards. */
export function createSessionHandlers(parts: SessionParts): Handlers<SessionOperation> {
  const { store, tokens, passwords, checkPassword, startSession, events, orders } = parts
  const acted = (by: RequestContext<'user' | 'operator'>, kind: AuditKind, detail?: string) => {
    const target = { kind: 'user', id: by.principal.userId } as const
    events.emit('acted', { ...originOf(by), kind, target, ...(detail !== undefined && { detail }) })
  }

  async function endReused(context: RequestContext<'user' | 'operator'>): Promise<void> {
    const record = await tokens.revoke(context.principal.token.id)
    if (record) await announceReuse(parts, context, record)
  }

  return {
    async 'auth/refresh'(_request, context) {
      const { userId, token } = context.principal
      const prove = async () => {
        const [account, record] = await Promise.all([store.accountById(userId), store.tokenById(token.id)])
        // A refresh under way must not leave a new token behind when the account is signed out everywhere.
        if (!account || record?.revoked !== false) return refuse(4003)
        return account.disabled ? refuse(1007) : account
      }
      const started = await startSession(context, prove, async account => {
        const issued = await tokens.succeed(account, token.id)
        if (typeof issued !== 'string') return issued
        if (issued === 'reused') await endReused(context)
        const detail = whyNoSuccessor[issued]
        return refuse(4003, detail === undefined ? {} : { detail })
      })
      return isRefusal(started) ? started : started.token
    },

    async 'auth/logout'({ everywhere }, context) {
      const { principal, become } = context
      const { userId, token } = principal
      if (everywhere) await changeAccount(store, userId)
      else await tokens.revoke(token.id)
      become(guest) // before the other sessions are closed, so that this one stays open
      const ofFamily = token.familyId !== undefined && { familyId: token.familyId }
      const obeyed = everywhere
        ? orders.give('account-signed-out', { userId, reason: 'logged-out' })
        : orders.give('token-revoked', { tokenId: token.id, ...ofFamily, reason: 'logged-out' })
      acted(context, 'signed-out', everywhere ? 'everywhere' : undefined)
      await obeyed
      return {}
    },

    async 'auth/unbind'({ password, link }, context) {
      const { principal, address, become } = context
      const { userId, username } = principal
      const verified = await checkPassword({ username, password, address, signedInAs: userId })
      if (isRefusal(verified)) return verified
      const isThere = link === undefined || (await store.wechatLinksOf(userId)).some(({ id }) => id === link)
      if (!isThere) return refuse(3001, { detail: 'link' })
      await changeAccount(store, userId, () => store.unlinkWechat(userId, link))
      become(guest)
      const obeyed = orders.give('account-signed-out', { userId, reason: 'unbound' })
      acted(context, 'unbound')
      await obeyed
      return {}
    },

    async 'auth/password'({ current, next }, context) {
      const { principal, address } = context
      const { userId, username } = principal
      const verified = await checkPassword({ username, password: current, address, signedInAs: userId })
      if (isRefusal(verified)) return verified
      const passwordHash = await passwords.hash(next)
      if (isRefusal(passwordHash)) return passwordHash
      await changeAccount(store, userId, () => store.setPasswordHash(userId, passwordHash))
      // This session moves to the new family before all sessions outside it are closed.
      const started = await startSession(context, async () => {
        const account = await store.accountByUsername(username)
        return account?.passwordHash === passwordHash && !account.disabled ? account : refuse(5000)
      })
      const ofNew = !isRefusal(started) && { exceptTokenId: started.principal.token.id }
      const obeyed = orders.give('account-signed-out', { userId, reason: 'password-changed', ...ofNew })
      acted(context, 'password-changed')
      await obeyed
      return isRefusal(started) ? refuse(5000, { detail: 'sign in again' }) : { token: started.token }
    },
  }
}
