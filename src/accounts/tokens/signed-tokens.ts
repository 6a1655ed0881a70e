import { createHash, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import * as z from 'zod/mini'
import type { Clock } from '../../domain/request.ts'
import { type Claims, claimsSchema } from '../../protocol/claims.ts'
import type { KeyRing } from './key-ring.ts'

/** Longer tokens are refused unread. */
export const maxTokenLength = 8 * 1024
/** How far the clock of another machine may be ahead of ours. `exp` has no leeway: a session is closed at `exp` in any case. */
const leewaySeconds = 60

/** No extension is understood, so a header with critical ones is refused (RFC 7515 section 4.1.11). */
const headerSchema = z.object({ header: z.object({ kid: z.string(), crit: z.optional(z.undefined()) }) })
const signedSchema = z.extend(claimsSchema, { nbf: z.optional(z.number()) })

/** Tokens whose signature is not verified again: enough for ten thousand clients that reconnect at once. */
const rememberedTokens = 10_000

/** A token whose signature, issuer and audience are verified. */
interface Verified {
  readonly kid: string
  readonly key: KeyObject
  readonly claims: Claims
  readonly notBefore: number
}

/** Turns claims into signed text, and back. Does not look at the records. */
export interface SignedTokens {
  /** Throws a RangeError when the token would be too long. */
  sign(claims: Omit<Claims, 'iss' | 'aud'>): string
  /** The claims of a token of ours that has not expired, or why there are none. */
  read(token: string): Claims | 'token-expired' | 'bad-credentials'
}

export function createSignedTokens({
  keys,
  issuer,
  audience,
  now,
}: {
  readonly keys: KeyRing
  readonly issuer: string
  readonly audience: string
  readonly now: Clock
}): SignedTokens {
  const nowSeconds = () => Math.floor(now() / 1000)
  /** By digest, the one verified longest ago first. Contains only tokens with our signature. */
  const remembered = new Map<string, Verified>()

  /** Throws, or is undefined, for anything but a token of ours. */
  function verify(token: string): Verified | undefined {
    const digest = createHash('sha256').update(token).digest('base64')
    const known = remembered.get(digest)
    if (known && keys.verifyingKey(known.kid) === known.key) return known
    const { header } = headerSchema.parse(jwt.decode(token, { complete: true }))
    const key = keys.verifyingKey(header.kid)
    if (!key) return undefined
    const { nbf, ...claims } = signedSchema.parse(
      jwt.verify(token, key, {
        algorithms: [keys.algorithm],
        issuer,
        audience,
        clockTimestamp: nowSeconds(),
        ignoreNotBefore: true,
      }),
    )
    const verified = { kid: header.kid, key, claims, notBefore: Math.max(claims.iat, nbf ?? 0) }
    remember(digest, verified)
    return verified
  }

  function remember(digest: string, verified: Verified): void {
    remembered.delete(digest)
    remembered.set(digest, verified)
    const [oldest] = remembered.keys()
    if (remembered.size > rememberedTokens && oldest !== undefined) remembered.delete(oldest)
  }

  return {
    sign(claims) {
      const { kid, key } = keys.signingKey()
      const payload: Claims = { iss: issuer, aud: audience, ...claims }
      const token = jwt.sign(payload, key, { algorithm: keys.algorithm, keyid: kid })
      if (token.length > maxTokenLength) throw new RangeError(`a token is at most ${maxTokenLength} characters long`)
      return token
    },

    read(token) {
      if (token.length > maxTokenLength) return 'bad-credentials'
      try {
        const verified = verify(token)
        if (!verified) return 'bad-credentials'
        const { claims, notBefore } = verified
        if (nowSeconds() >= claims.exp) return 'token-expired'
        return notBefore > nowSeconds() + leewaySeconds ? 'bad-credentials' : claims
      } catch (error) {
        // Whatever the parsers throw is the token's fault.
        return error instanceof jwt.TokenExpiredError ? 'token-expired' : 'bad-credentials'
      }
    },
  }
}
