import type { Account } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Listings } from '../../domain/listings.ts'
import type { AccountControl } from '../../domain/operator-ports.ts'
import type { Orders } from '../../domain/orders.ts'
import { type Origin, originOf } from '../../domain/origin.ts'
import { type Refusal, refuse } from '../../domain/refusal.ts'
import type { Handlers, RequestContext } from '../../domain/request.ts'
import type { AuditKind } from '../../protocol/operations/audit.ts'

interface Options {
  readonly accounts: AccountControl
  readonly listings: Pick<Listings, 'accounts'>
  readonly events: Events
  readonly orders: Orders
}

type AccountOperations =
  | 'ops/user/wechat'
  | 'ops/user/unbind'
  | 'ops/users'
  | 'ops/user/disable'
  | 'ops/user/enable'
  | 'ops/user/signout'
  | 'ops/token/revoke'

/** Lets operators manage people's accounts. Revokes in the store before it closes open sessions. */
export function createAccountOperations({ accounts, listings, events, orders }: Options): Handlers<AccountOperations> {
  function acted(by: Origin, kind: AuditKind, { id }: Account): void {
    events.emit('acted', { ...originOf(by), kind, target: { kind: 'user', id } })
  }

  /** Operators must not lock themselves out: they could not undo it. */
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
      const obeyed = orders.give('account-signed-out', { userId: account.id, reason: 'account-disabled' })
      acted(context, 'user/disable', account)
      await obeyed
      return {}
    },

    async 'ops/user/enable'({ username }, context) {
      const account = await accounts.setDisabled(username, false)
      if (account === 'unknown') return unknown(username)
      acted(context, 'user/enable', account)
      return {}
    },

    async 'ops/user/signout'({ username }, context) {
      const account = await accounts.revokeTokens(username)
      if (account === 'unknown') return unknown(username)
      const obeyed = orders.give('account-signed-out', { userId: account.id, reason: 'signed-out-by-operator' })
      acted(context, 'user/signout', account)
      await obeyed
      return {}
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
      const obeyed = orders.give('account-signed-out', { userId: account.id, reason: 'unbound-by-operator' })
      acted(context, 'user/unbind', account)
      await obeyed
      return {}
    },

    async 'ops/token/revoke'({ tokenId }, context) {
      const revoked = await accounts.revokeToken(tokenId)
      if (revoked === 'unknown') return refuse(3001, { detail: tokenId })
      const ofFamily = revoked.familyId !== undefined && { familyId: revoked.familyId }
      const obeyed = orders.give('token-revoked', { tokenId, ...ofFamily, reason: 'token-revoked' })
      events.emit('acted', { ...originOf(context), kind: 'token/revoke', target: { kind: 'token', id: tokenId } })
      await obeyed
      return {}
    },
  }
}
