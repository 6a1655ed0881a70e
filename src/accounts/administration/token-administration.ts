import jwt from 'jsonwebtoken'
import type { AccountStore } from '../../domain/account.ts'
import { serviceBounds } from '../../domain/policy.ts'
import type { Clock } from '../../domain/request.ts'
import type { ConnectRefusal } from '../../domain/sign-in.ts'
import { type AclEntry, type Claims, claimsSchema } from '../../protocol/claims.ts'
import { isIdentifier } from '../../protocol/identifiers.ts'
import { isSubset, isTopicFilter } from '../../protocol/topic-filter.ts'
import { fitsToken } from '../tokens/account-acl.ts'
import { createTokenAuthenticator } from '../tokens/token-authenticator.ts'
import type { IssuedToken, Tokens } from '../tokens/tokens.ts'

/** A request for a service's token: its name (written like a client id) and the topic filters that it may use. */
export interface ServiceTokenRequest {
  readonly name: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  readonly ttlSeconds?: number
}

/** A request to replace a service's token. */
export interface RotationRequest {
  readonly token: string
  /** How long the old token stays valid. */
  readonly overlapSeconds: number
  /** Lifetime of the new token; by default that of the old one. */
  readonly ttlSeconds?: number
}

/** The new token, and when the old one ends. */
export interface RotatedToken extends IssuedToken {
  readonly service: string
  readonly oldEndsAtMs: number
}

/** Why a service's token was not issued, in a sentence for the operator. */
export interface ServiceTokenProblem {
  readonly problem: string
}

export interface TokenInspection {
  /** The claims of the token, accepted or not; absent when they cannot be read. */
  readonly claims?: Claims
  /** What CONNECT would answer now. */
  readonly verdict: 'accepted' | ConnectRefusal
}

/** What operators do with tokens. */
export interface TokenAdministration {
  issueToken(request: {
    readonly user: string
    readonly ttlSeconds?: number
  }): Promise<IssuedToken | 'unknown' | 'disabled'>
  /** Valid for a year by default. */
  issueServiceToken(request: ServiceTokenRequest): Promise<IssuedToken | ServiceTokenProblem>
  /** Issues a token with the same rights. The old one ends after the overlap, with its sessions. */
  rotateServiceToken(request: RotationRequest): Promise<RotatedToken | ServiceTokenProblem>
  inspectToken(token: string): Promise<TokenInspection>
  /** Takes a token or its `jti`; 'unknown' when it is not on record. Revokes the whole family. */
  revokeToken(tokenOrId: string): Promise<{ readonly id: string; readonly familyId?: string } | 'unknown'>
}

const serviceLifetimeSeconds = 365 * 24 * 3600

export function createTokenAdministration(parts: {
  readonly store: AccountStore
  readonly tokens: Tokens
  readonly now: Clock
}): TokenAdministration {
  const { store, tokens, now } = parts
  const authenticator = createTokenAuthenticator(parts)

  return {
    async issueToken({ user, ttlSeconds }) {
      const account = await store.accountByUsername(user)
      if (!account) return 'unknown'
      return account.disabled ? 'disabled' : tokens.issueForAccount(account, ttlSeconds)
    },

    async issueServiceToken({ name, publish, subscribe, ttlSeconds = serviceLifetimeSeconds }) {
      if (!isIdentifier(name)) return { problem: 'the name must be 1 to 64 of A-Z a-z 0-9 _ . : -' }
      const acl = [...allow('publish', publish), ...allow('subscribe', subscribe)]
      const problem = acl.map(problemOf).find(found => found !== undefined) ?? problemOfAll(acl)
      return problem === undefined ? tokens.issueForService(name, acl, ttlSeconds) : { problem }
    },

    async rotateServiceToken({ token, overlapSeconds, ttlSeconds }) {
      const verified = await tokens.verify(token)
      if (typeof verified === 'string') return { problem: `the token is not accepted (${verified}): issue a new one` }
      const { claims, record } = verified
      if (record.role !== 'service')
        return { problem: 'only the token of an integration can be rotated: a person signs in again' }
      const lifetimeSeconds = Math.round((record.expiresAtMs - record.issuedAtMs) / 1000)
      const issued = await tokens.issueForService(record.subject, claims.acl ?? [], ttlSeconds ?? lifetimeSeconds)
      const endsAtMs = now() + overlapSeconds * 1000
      await store.endToken(record.id, endsAtMs)
      const oldEndsAtMs = Math.min(endsAtMs, record.endsAtMs ?? endsAtMs, record.expiresAtMs)
      return { ...issued, service: record.subject, oldEndsAtMs }
    },

    async inspectToken(token) {
      const claims = readClaims(token)
      const principal = await authenticator.authenticate(token)
      const verdict = typeof principal === 'string' ? principal : 'accepted'
      return claims ? { claims, verdict } : { verdict }
    },

    async revokeToken(tokenOrId) {
      const record = await tokens.revoke(readClaims(tokenOrId)?.jti ?? tokenOrId)
      if (!record) return 'unknown'
      return { id: record.id, ...(record.family && { familyId: record.family.id }) }
    },
  }
}

type ServiceAction = keyof typeof serviceBounds
interface ServiceEntry extends AclEntry {
  readonly action: ServiceAction
}

const allow = (action: ServiceAction, filters: readonly string[]): ServiceEntry[] =>
  filters.map(topic => ({ permission: 'allow', action, topic }))

function problemOf({ action, topic }: ServiceEntry): string | undefined {
  if (!isTopicFilter(topic)) return `${JSON.stringify(topic)} is not a topic filter`
  const bounds = serviceBounds[action]
  if (bounds.some(bound => isSubset(topic, bound))) return undefined
  return `a service may not ${action} ${JSON.stringify(topic)}: only topics within ${bounds.join(', ')}`
}

function problemOfAll(acl: readonly AclEntry[]): string | undefined {
  if (acl.length === 0) return 'give at least one filter to publish or subscribe'
  return fitsToken(acl) ? undefined : 'these filters together are too long for one token'
}

/** The unverified claims: for showing them and for finding the record, never to be trusted. */
function readClaims(token: string): Claims | undefined {
  try {
    return claimsSchema.safeParse(jwt.decode(token)).data
  } catch {
    return undefined
  }
}
