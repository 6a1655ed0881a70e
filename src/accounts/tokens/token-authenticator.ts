import type { AccountStore, TokenRecord } from '../../domain/account.ts'
import {
  type Grants,
  isSameGrants,
  type OperatorPrincipal,
  type ServicePrincipal,
  type TokenRef,
  type UserPrincipal,
  userIdOf,
} from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import type { ConnectRefusal } from '../../domain/sign-in.ts'
import { accountPrincipal } from './account-principal.ts'
import type { Tokens, VerifiedToken } from './tokens.ts'

/** A principal that signs in by token. */
export type TokenPrincipal = UserPrincipal | OperatorPrincipal | ServicePrincipal

/** Turns tokens into principals, and says whether open sessions may continue. Rejects only with a fault. */
export interface TokenAuthenticator {
  /** The principal of a token. This does not count as a use of the token; CONNECT goes through `createConnectByToken`. */
  authenticate(token: string): Promise<TokenPrincipal | ConnectRefusal>
  principalOf(token: VerifiedToken): Promise<TokenPrincipal | ConnectRefusal>
  /** The principal with its current grants, or why it may not continue. */
  recheck(principal: TokenPrincipal): Promise<TokenPrincipal | ConnectRefusal>
  /** {@link recheck} for many; the same object where nothing has changed. */
  recheckAll(principals: readonly TokenPrincipal[]): Promise<(TokenPrincipal | ConnectRefusal)[]>
  /** {@link recheck} for a principal of a stored session, whose token may have expired and been pruned meanwhile. */
  restore(principal: TokenPrincipal): Promise<TokenPrincipal | ConnectRefusal>
  /** {@link restore} for many; the same object where nothing has changed. */
  restoreAll(principals: readonly TokenPrincipal[]): Promise<(TokenPrincipal | ConnectRefusal)[]>
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
    // A token is valid only for the role that it was issued for.
    return account.role === role ? accountPrincipal(account, token, store) : 'token-revoked'
  }

  const asItStands = async (
    principal: TokenPrincipal,
    record: TokenRecord | undefined,
  ): Promise<TokenPrincipal | ConnectRefusal> =>
    principal.kind === 'service'
      ? serviceAsItStands(principal, record)
      : accountOf(principal.userId, principal.kind, principal.token)

  const mayRecheck = (_principal: TokenPrincipal, record: TokenRecord | undefined) => record?.revoked === false
  const mayRestore = ({ token }: TokenPrincipal, record: TokenRecord | undefined) =>
    record ? !record.revoked : token.expiresAtMs <= now()

  /** Looks up the token and the account of each, in three queries. */
  async function lookUp(
    principals: readonly TokenPrincipal[],
    isInForce: typeof mayRecheck,
  ): Promise<(TokenPrincipal | ConnectRefusal)[]> {
    const userIds = [...new Set(principals.flatMap(principal => userIdOf(principal) ?? []))]
    const [records, accounts, grants] = await Promise.all([
      store.tokensById(principals.map(({ token }) => token.id)),
      store.accountsById(userIds),
      store.grantsOfAll(userIds),
    ])
    return principals.map(principal => {
      const record = records.get(principal.token.id)
      if (!isInForce(principal, record)) return 'token-revoked'
      if (principal.kind === 'service') return serviceAsItStands(principal, record)
      const account = accounts.get(principal.userId)
      if (!account) return 'bad-credentials'
      if (account.disabled) return 'account-disabled'
      if (account.role !== principal.kind) return 'token-revoked'
      if (principal.kind === 'operator') return principal
      const current: Grants = grants.get(principal.userId) ?? new Map()
      return isSameGrants(principal.grants, current) ? principal : { ...principal, grants: current }
    })
  }

  async function principalOf({ claims, record }: VerifiedToken): Promise<TokenPrincipal | ConnectRefusal> {
    const { id, subject, role, expiresAtMs, family } = record
    if (role !== 'service') return accountOf(subject, role, { id, expiresAtMs, ...(family && { familyId: family.id }) })
    return { kind: role, name: subject, acl: claims.acl ?? [], token: { id, expiresAtMs: endOf(record) } }
  }

  return {
    async authenticate(text) {
      const verified = await tokens.verify(text)
      return typeof verified === 'string' ? verified : principalOf(verified)
    },
    principalOf,

    async recheck(principal) {
      const record = await store.tokenById(principal.token.id)
      return mayRecheck(principal, record) ? asItStands(principal, record) : 'token-revoked'
    },
    recheckAll: principals => lookUp(principals, mayRecheck),

    async restore(principal) {
      const record = await store.tokenById(principal.token.id)
      return mayRestore(principal, record) ? asItStands(principal, record) : 'token-revoked'
    },
    restoreAll: principals => lookUp(principals, mayRestore),
  }
}

/** A rotated token of a service ends, with its sessions, after the overlap. */
const endOf = ({ expiresAtMs, endsAtMs }: TokenRecord): number => Math.min(expiresAtMs, endsAtMs ?? expiresAtMs)

function serviceAsItStands(principal: ServicePrincipal, record: TokenRecord | undefined): ServicePrincipal {
  const { token } = principal
  const expiresAtMs = record ? endOf(record) : token.expiresAtMs
  return expiresAtMs === token.expiresAtMs ? principal : { ...principal, token: { ...token, expiresAtMs } }
}
