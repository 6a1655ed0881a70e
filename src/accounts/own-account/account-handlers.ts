import type { AccountStore, WechatLink } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { OpenSession } from '../../domain/open-sessions.ts'
import type { Orders } from '../../domain/orders.ts'
import { originOf } from '../../domain/origin.ts'
import type { OwnDevices } from '../../domain/own-devices.ts'
import { guest } from '../../domain/principal.ts'
import { isRefusal, refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers, RequestContext } from '../../domain/request.ts'
import type { accountOperations } from '../../protocol/operations/account.ts'
import type { AuditKind } from '../../protocol/operations/audit.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { announceRefusals } from '../sign-in/announce-refusals.ts'
import { createPasswordCheck } from '../sign-in/password-check.ts'
import type { SignInLimits } from '../sign-in/sign-in-limits.ts'
import { changeAccount } from '../tokens/change-account.ts'
import { createOwnSignIns } from './own-sign-ins.ts'

export interface AccountParts {
  readonly store: AccountStore
  readonly passwords: Passwords
  readonly limits: SignInLimits
  readonly devices: OwnDevices
  readonly sessions: () => Promise<Iterable<OpenSession>>
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
}

/** Every `account/*` operation. */
export function createAccountHandlers(parts: AccountParts): Handlers<keyof typeof accountOperations> {
  const { store, devices, events, orders, now } = parts
  const checkPassword = createPasswordCheck(parts)
  const acted = (by: RequestContext<'user'>, kind: AuditKind, detail?: string) => {
    const target = { kind: 'user', id: by.principal.userId } as const
    events.emit('acted', { ...originOf(by), kind, target, ...(detail !== undefined && { detail }) })
  }

  return {
    ...createOwnSignIns(parts),

    async 'account/me'(_request, { principal }) {
      const { userId, username, kind: role, token } = principal
      return { userId, username, role, tokenExpiresAt: Math.floor(token.expiresAtMs / 1000), now: now() }
    },

    async 'account/wechat'(_request, { principal }) {
      return { links: (await store.wechatLinksOf(principal.userId)).map(rowOf) }
    },

    async 'account/export'(_request, context) {
      const { userId, username } = context.principal
      const [account, links, owned] = await Promise.all([
        store.accountById(userId),
        store.wechatLinksOf(userId),
        devices.exported(userId),
      ])
      acted(context, 'account-exported')
      return {
        exportedAt: now(),
        account: { userId, username, createdAt: account?.createdAtMs ?? 0 },
        wechat: links.map(({ linkedAtMs }) => ({ linkedAt: linkedAtMs })),
        devices: owned,
      }
    },

    'account/delete': announceRefusals(events)('account/delete', async ({ password, devices: wanted }, context) => {
      const { principal, address, become } = context
      const { userId, username } = principal
      const verified = await checkPassword({ username, password, address, signedInAs: userId })
      if (isRefusal(verified)) return verified
      const owned = await devices.owned(userId)
      if (owned > 0 && wanted !== 'release') return refuse(4003, { detail: `the account owns ${owned} devices` })
      await changeAccount(store, userId, async () => {
        do
          await devices.giveUp(userId, context) // again if a device was claimed meanwhile
        while (!(await store.deleteAccount(userId)))
      })
      become(guest) // before the other sessions are closed, so that this one stays open
      const obeyed = orders.give('account-signed-out', { userId, reason: 'account-deleted' })
      acted(context, 'account-deleted', username)
      await obeyed
      return {}
    }),
  }
}

const rowOf = ({ id, linkedAtMs }: WechatLink) => ({ link: id, linkedAt: linkedAtMs })
