import type { AccountStore } from '../domain/account.ts'
import type { Grants, OperatorPrincipal, ServicePrincipal, TokenRef, UserPrincipal } from '../domain/principal.ts'
import type { Clock } from '../domain/request.ts'
import type { ConnectRefusal } from '../domain/sign-in.ts'
import { accountPrincipal } from './account-principal.ts'
import type { Tokens } from './tokens.ts'

/** A principal that signs in by token. */
export type TokenPrincipal = UserPrincipal | OperatorPrincipal | ServicePrincipal

/** Turns tokens into principals, and says whether open sessions may go on. Rejects only with a fault. */
export interface TokenAuthenticator {
  authenticate(token: string): Promise<TokenPrincipal | ConnectRefusal>
  /** The principal with its grants as they stand now, or why it may not go on. */
  recheck(principal: TokenPrincipal): Promise<TokenPrincipal | ConnectRefusal>
  /** The same for a principal read back from the store, whose token may have expired, and be forgotten, meanwhile. */
  restore(principal: TokenPrincipal): Promise<TokenPrincipal | ConnectRefusal>
  grantsOf(userId: string): Promise<Grants>
}

export function createTokenAuthenticator(parts: {
  readonly tokens: Tokens
  readonly store: AccountStore
  readonly now?: Clock
}): TokenAuthenticator {
  const { tokens, store, now = Date.now } = parts

  async function accountOf(
    userId: string,
    role: 'user' | 'operator',
    token: TokenRef,
  ): Promise<TokenPrincipal | ConnectRefusal> {
    const account = await store.accountById(userId)
    if (!account) return 'bad-credentials'
    if (account.disabled) return 'account-disabled'
    // A token speaks for the role that it was issued for.
    return account.role === role ? accountPrincipal(account, token, store) : 'token-revoked'
  }

  const asItStands = async (principal: TokenPrincipal): Promise<TokenPrincipal | ConnectRefusal> =>
    principal.kind === 'service' ? principal : accountOf(principal.userId, principal.kind, principal.token)

  return {
    async authenticate(text) {
      const verified = await tokens.verify(text)
      if (typeof verified === 'string') return verified
      const { sub, role, jti, exp, acl = [] } = verified.claims
      const token = { id: jti, expiresAtMs: exp * 1000 }
      return role === 'service' ? { kind: role, name: sub, acl, token } : accountOf(sub, role, token)
    },

    async recheck(principal) {
      const record = await store.tokenById(principal.token.id)
      return record?.revoked === false ? asItStands(principal) : 'token-revoked'
    },

    async restore(principal) {
      const record = await store.tokenById(principal.token.id)
      const isRevoked = record ? record.revoked : principal.token.expiresAtMs > now()
      return isRevoked ? 'token-revoked' : asItStands(principal)
    },

    grantsOf: userId => store.grantsOf(userId),
  }
}
