import type { Account } from '../../domain/account.ts'
import { type Events, type Origin, originOf } from '../../domain/events.ts'
import type { Listings } from '../../domain/listings.ts'
import type { AccountControl } from '../../domain/operator-ports.ts'
import { type Refusal, refuse } from '../../domain/refusal.ts'
import type { Handlers, RequestContext } from '../../domain/request.ts'
import type { AuditKind } from '../../protocol/operations/audit.ts'

interface Options {
  readonly accounts: AccountControl
  readonly listings: Pick<Listings, 'accounts'>
  readonly events: Events
}

type AccountOperations =
  | 'ops/user/wechat'
  | 'ops/user/unbind'
  | 'ops/users'
  | 'ops/user/disable'
  | 'ops/user/enable'
  | 'ops/user/signout'
  | 'ops/token/revoke'

/** Answers operators about people's accounts. What is revoked is revoked in the store before open sessions end. */
export function createAccountOperations({ accounts, listings, events }: Options): Handlers<AccountOperations> {
  function done(by: Origin, kind: AuditKind, { id }: Account): Record<string, never> {
    events.emit('acted', { ...originOf(by), kind, target: { kind: 'user', id } })
    return {}
  }

  /** An operator who locked themselves out could not undo it. */
  const isOneself = async ({ principal }: RequestContext<'operator'>, username: string): Promise<boolean> =>
    (await accounts.accountNamed(username))?.id === principal.userId
  const unknown = (username: string): Refusal<3001> => refuse(3001, { detail: username })

  return {
    async 'ops/users'(page) {
      const { total, rows } = await listings.accounts(page)
      return { total, users: rows.map(({ createdAtMs, ...account }) => ({ ...account, createdAt: createdAtMs })) }
    },

    async 'ops/user/disable'({ username }, context) {
      if (await isOneself(context, username)) return refuse(4003, { detail: 'your own account' })
      const account = await accounts.setDisabled(username, true)
      if (account === 'unknown') return unknown(username)
      events.emit('account-signed-out', { userId: account.id, reason: 'account-disabled' })
      return done(context, 'user/disable', account)
    },

    async 'ops/user/enable'({ username }, context) {
      const account = await accounts.setDisabled(username, false)
      return account === 'unknown' ? unknown(username) : done(context, 'user/enable', account)
    },

    async 'ops/user/signout'({ username }, context) {
      const account = await accounts.revokeTokens(username)
      if (account === 'unknown') return unknown(username)
      events.emit('account-signed-out', { userId: account.id, reason: 'signed-out-by-operator' })
      return done(context, 'user/signout', account)
    },

    async 'ops/user/wechat'({ username }) {
      const links = await accounts.wechatLinksOf(username)
      if (links === 'unknown') return unknown(username)
      return { links: links.map(({ id, linkedAtMs }) => ({ link: id, linkedAt: linkedAtMs })) }
    },

    async 'ops/user/unbind'({ username, link }, context) {
      const account = await accounts.unlinkWechat(username, link)
      if (account === 'unknown') return unknown(username)
      if (account === 'no-link') return refuse(3001, { detail: 'link' })
      events.emit('account-signed-out', { userId: account.id, reason: 'unbound-by-operator' })
      return done(context, 'user/unbind', account)
    },

    async 'ops/token/revoke'({ tokenId }, context) {
      const revoked = await accounts.revokeToken(tokenId)
      if (revoked === 'unknown') return refuse(3001, { detail: tokenId })
      const ofFamily = revoked.familyId !== undefined && { familyId: revoked.familyId }
      events.emit('token-revoked', { tokenId, ...ofFamily, reason: 'token-revoked' })
      events.emit('acted', { ...originOf(context), kind: 'token/revoke', target: { kind: 'token', id: tokenId } })
      return {}
    },
  }
}
