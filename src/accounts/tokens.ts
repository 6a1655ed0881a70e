import { randomUUID } from 'node:crypto'
import jwt from 'jsonwebtoken'
import * as z from 'zod/mini'
import type { Account, AccountStore, TokenRecord } from '../domain/account.ts'
import type { Clock } from '../domain/request.ts'
import type { ConnectRefusal } from '../domain/sign-in.ts'
import { type AclEntry, type Claims, claimsSchema } from '../protocol/claims.ts'
import { accountAcl } from './account-acl.ts'
import { aclHash } from './acl-hash.ts'
import type { KeyRing } from './key-ring.ts'

export interface IssuedToken {
  readonly token: string
  /** The `jti` claim. */
  readonly id: string
  /** The `exp` claim in milliseconds since 1970. */
  readonly expiresAtMs: number
}

/** Issues, verifies and revokes tokens. Every token is on record from before anyone has it. */
export interface Tokens {
  issueForAccount(account: Account, ttlSeconds?: number): Promise<IssuedToken>
  issueForService(name: string, acl: readonly AclEntry[], ttlSeconds: number): Promise<IssuedToken>
  /** The claims of a token that is ours, in force and on record, or why not. Accounts are not looked at. */
  verify(token: string): Promise<{ readonly claims: Claims; readonly record: TokenRecord } | ConnectRefusal>
  /** Refuses the token from now on. Sessions that hold it are told by the event `token-revoked`. */
  revoke(id: string): Promise<void>
}

export interface TokenOptions {
  readonly keys: KeyRing
  readonly store: AccountStore
  readonly issuer: string
  readonly audience: string
  /** Of accounts' tokens, unless another is asked for. */
  readonly lifetimeSeconds: number
  readonly now: Clock
  /** Accounts' tokens carry an `acl` claim for other data planes. */
  readonly aclClaim: boolean
}

/** Longer ones are refused unread. */
export const maxTokenLength = 8 * 1024
/** How far another machine's clock may be ahead of ours. `exp` has no leeway: a session is closed at `exp` in any case. */
const leewaySeconds = 60

/** We understand no extension, so a header that names critical ones is refused (RFC 7515 section 4.1.11). */
const headerSchema = z.object({ header: z.object({ kid: z.string(), crit: z.optional(z.undefined()) }) })
const signedSchema = z.extend(claimsSchema, { nbf: z.optional(z.number()) })

export function createTokens(options: TokenOptions): Tokens {
  const { keys, store, issuer, audience, lifetimeSeconds, now, aclClaim } = options
  const nowSeconds = () => Math.floor(now() / 1000)

  async function issue(claims: Pick<Claims, 'sub' | 'role' | 'acl'>, ttlSeconds: number): Promise<IssuedToken> {
    if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1) throw new RangeError('a token lives one second or more')
    const id = randomUUID()
    const iat = nowSeconds()
    const exp = iat + ttlSeconds
    const { kid, key } = keys.signingKey()
    const payload: Claims = { iss: issuer, aud: audience, ...claims, jti: id, iat, exp }
    const token = jwt.sign(payload, key, { algorithm: keys.algorithm, keyid: kid })
    if (token.length > maxTokenLength) throw new RangeError(`a token is at most ${maxTokenLength} characters long`)
    const expiresAtMs = exp * 1000
    const { sub: subject, role, acl } = claims
    await store.recordToken({ id, subject, role, issuedAtMs: iat * 1000, expiresAtMs, aclHash: aclHash(acl) })
    return { token, id, expiresAtMs }
  }

  function verifySignature(token: string): Claims | ConnectRefusal {
    if (token.length > maxTokenLength) return 'bad-credentials'
    try {
      const { header } = headerSchema.parse(jwt.decode(token, { complete: true }))
      const key = keys.verifyingKey(header.kid)
      if (!key) return 'bad-credentials'
      const { nbf, ...claims } = signedSchema.parse(
        jwt.verify(token, key, {
          algorithms: [keys.algorithm],
          issuer,
          audience,
          clockTimestamp: nowSeconds(),
          ignoreNotBefore: true,
        }),
      )
      return Math.max(claims.iat, nbf ?? 0) > nowSeconds() + leewaySeconds ? 'bad-credentials' : claims
    } catch (error) {
      // Whatever a token makes the parsers throw is the token's doing, never a fault of ours.
      return error instanceof jwt.TokenExpiredError ? 'token-expired' : 'bad-credentials'
    }
  }

  return {
    async issueForAccount(account, ttlSeconds = lifetimeSeconds) {
      const { id: sub, role } = account
      if (!aclClaim) return issue({ sub, role }, ttlSeconds)
      return issue({ sub, role, acl: accountAcl(role, await store.grantsOf(sub)) }, ttlSeconds)
    },
    issueForService: (name, acl, ttlSeconds) => issue({ sub: name, role: 'service', acl: [...acl] }, ttlSeconds),
    async verify(token) {
      const claims = verifySignature(token)
      if (typeof claims === 'string') return claims
      const record = await store.tokenById(claims.jti)
      if (!record || !isAsRecorded(claims, record)) return 'bad-credentials'
      return record.revoked ? 'token-revoked' : { claims, record }
    },
    revoke: id => store.revokeToken(id),
  }
}

/** The record decides what a token is: with a signing key alone nobody makes another one of it. */
const isAsRecorded = ({ sub, role, exp, acl }: Claims, record: TokenRecord): boolean =>
  sub === record.subject &&
  role === record.role &&
  exp * 1000 === record.expiresAtMs &&
  (record.aclHash === undefined || record.aclHash === aclHash(acl))
