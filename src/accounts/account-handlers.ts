import type { AccountStore, WechatLink } from '../domain/account.ts'
import type { Clock, Handlers } from '../domain/request.ts'
import type { accountOperations } from '../protocol/operations/account.ts'

/** Every `account/*` operation. */
export const createAccountHandlers = (
  store: Pick<AccountStore, 'wechatLinksOf'>,
  now: Clock,
): Handlers<keyof typeof accountOperations> => ({
  async 'account/me'(_request, { principal }) {
    const { userId, username, kind: role, token } = principal
    return { userId, username, role, tokenExpiresAt: Math.floor(token.expiresAtMs / 1000), now: now() }
  },

  async 'account/wechat'(_request, { principal }) {
    return { links: (await store.wechatLinksOf(principal.userId)).map(rowOf) }
  },
})

const rowOf = ({ id, linkedAtMs }: WechatLink) => ({ link: id, linkedAt: linkedAtMs })
