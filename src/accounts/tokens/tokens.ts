import { randomUUID } from 'node:crypto'
import { type Account, type AccountStore, isSuperseded, type TokenRecord } from '../../domain/account.ts'
import type { TokenRef } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import type { ConnectRefusal } from '../../domain/sign-in.ts'
import type { AclEntry, Claims } from '../../protocol/claims.ts'
import { accountAcl } from './account-acl.ts'
import { aclHash } from './acl-hash.ts'
import type { KeyRing } from './key-ring.ts'
import { createSignedTokens } from './signed-tokens.ts'

/** A token that was just made: the text, its `jti`, its `exp`, and its family where it has one. */
export interface IssuedToken extends TokenRef {
  readonly token: string
}

/** A token that may be used, with its record. */
export interface VerifiedToken {
  readonly claims: Claims
  readonly record: TokenRecord
}

/** Why a token gets no successor. 'alone': it was issued without a family. */
export type NoSuccessor = 'revoked' | 'reused' | 'alone' | 'family-over'

/** Issues, verifies and revokes tokens. Every token is on record before anybody has it. */
export interface Tokens {
  /** Issues a token without a family, which cannot be refreshed. */
  issueForAccount(account: Account, ttlSeconds?: number): Promise<IssuedToken>
  issueForService(name: string, acl: readonly AclEntry[], ttlSeconds: number): Promise<IssuedToken>
  /** Issues the first token of a family. */
  beginFamily(account: Account): Promise<IssuedToken>
  /** Issues the successor of a token. CONNECT accepts the old one for ten more minutes, or until the successor is used. */
  succeed(account: Account, tokenId: string): Promise<IssuedToken | NoSuccessor>
  /** Checks that a token is ours, in force and as recorded. Does not look at the account. */
  verify(token: string): Promise<VerifiedToken | ConnectRefusal>
  /** {@link verify} at CONNECT, where the first use of a token ends its predecessor. `reused` is the record of a token that is used after its successor. */
  use(token: string): Promise<VerifiedToken | ConnectRefusal | { readonly reused: TokenRecord }>
  /** Refuses the token and its whole family from now on; resolves with its record. The event `token-revoked` closes the sessions. */
  revoke(tokenId: string): Promise<TokenRecord | undefined>
  /** Revokes a token that nobody received. */
  discard(tokenId: string): Promise<void>
}

export interface TokenOptions {
  readonly keys: KeyRing
  readonly store: AccountStore
  readonly issuer: string
  readonly audience: string
  /** Default lifetime of the tokens of accounts. */
  readonly lifetimeSeconds: number
  /** No token of a family lives beyond this many days after its first one. */
  readonly familyMaxDays: number
  readonly now: Clock
  /** Accounts' tokens carry an `acl` claim for other data planes. */
  readonly aclClaim: boolean
}

/** A phone that lost the reply with the successor can connect with the old token for this long. */
const overlapMs = 10 * 60_000

export function createTokens(options: TokenOptions): Tokens {
  const { store, lifetimeSeconds, now, aclClaim } = options
  const signed = createSignedTokens(options)
  const familyMaxSeconds = options.familyMaxDays * 86_400
  const nowSeconds = () => Math.floor(now() / 1000)

  /** Makes a token. Nobody may have it before its record is kept. */
  function make({ sub, role, acl }: Pick<Claims, 'sub' | 'role' | 'acl'>, ttlSeconds: number) {
    if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1) throw new RangeError('a token lives one second or more')
    const id = randomUUID()
    const iat = nowSeconds()
    const exp = iat + ttlSeconds
    const token = signed.sign({ sub, role, ...(acl && { acl }), jti: id, iat, exp })
    const expiresAtMs = exp * 1000
    const record = { id, subject: sub, role, issuedAtMs: iat * 1000, expiresAtMs, aclHash: aclHash(acl) }
    return { issued: { token, id, expiresAtMs }, record }
  }

  async function makeForAccount({ id: sub, role }: Account, ttlSeconds: number) {
    return make({ sub, role, ...(aclClaim && { acl: accountAcl(role, await store.grantsOf(sub)) }) }, ttlSeconds)
  }

  async function alone({ issued, record }: ReturnType<typeof make>): Promise<IssuedToken> {
    await store.recordToken(record)
    return issued
  }

  async function beginFamily(account: Account): Promise<IssuedToken> {
    const { issued, record } = await makeForAccount(account, Math.min(lifetimeSeconds, familyMaxSeconds))
    const familyId = randomUUID()
    await store.recordToken(record, familyId)
    return { ...issued, familyId }
  }

  async function find(token: string): Promise<VerifiedToken | ConnectRefusal> {
    const claims = signed.read(token)
    if (typeof claims === 'string') return claims
    const record = await store.tokenById(claims.jti)
    return record && isAsRecorded(claims, record) ? { claims, record } : 'bad-credentials'
  }

  const refusalOf = (record: TokenRecord): ConnectRefusal | undefined => {
    if (record.revoked) return 'token-revoked'
    if (isSuperseded(record)) return 'token-reused'
    return (record.endsAtMs ?? Number.POSITIVE_INFINITY) <= now() ? 'token-replaced' : undefined
  }

  /** The first token of a generation ends the older tokens of its family before it is accepted. */
  async function use(token: string): ReturnType<Tokens['use']> {
    const found = await find(token)
    if (typeof found === 'string') return found
    const { record } = found
    const refusal = refusalOf(record)
    if (refusal === 'token-reused') return { reused: record }
    if (refusal) return refusal
    const { id, family } = record
    const isNews = family !== undefined && family.generation > family.used.generation
    // Another may have been used first: then this one is checked again.
    return isNews && !(await store.useToken(id, family)) ? use(token) : found
  }

  return {
    issueForAccount: async (account, ttlSeconds = lifetimeSeconds) => alone(await makeForAccount(account, ttlSeconds)),
    issueForService: async (name, acl, ttlSeconds) =>
      alone(make({ sub: name, role: 'service', acl: [...acl] }, ttlSeconds)),

    beginFamily,

    async succeed(account, tokenId) {
      const before = await store.tokenById(tokenId)
      if (!before || before.revoked) return 'revoked'
      const { family } = before
      if (!family) return before.aclHash === undefined ? beginFamily(account) : 'alone' // an earlier version issued it
      if (isSuperseded(before)) return 'reused'
      const leftSeconds = Math.floor(family.beganAtMs / 1000) + familyMaxSeconds - nowSeconds()
      if (leftSeconds < 1) return 'family-over'
      const { issued, record } = await makeForAccount(account, Math.min(lifetimeSeconds, leftSeconds))
      const endsAtMs = now() + overlapMs
      if (await store.recordSuccessor(record, { id: tokenId, endsAtMs })) return { ...issued, familyId: family.id }
      const since = await store.tokenById(tokenId)
      return since && !since.revoked && isSuperseded(since) ? 'reused' : 'revoked'
    },

    async verify(token) {
      const found = await find(token)
      return typeof found === 'string' ? found : (refusalOf(found.record) ?? found)
    },
    use,

    async revoke(id) {
      const record = await store.tokenById(id)
      await store.revokeToken(id)
      if (record?.family) await store.revokeFamily(record.family.id)
      return record
    },
    discard: id => store.revokeToken(id),
  }
}

/** The record decides what a token is, so that a stolen signing key alone makes no valid token. */
const isAsRecorded = ({ sub, role, exp, acl }: Claims, record: TokenRecord): boolean =>
  sub === record.subject &&
  role === record.role &&
  exp * 1000 === record.expiresAtMs &&
  (record.aclHash === undefined || record.aclHash === aclHash(acl))
