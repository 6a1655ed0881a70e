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

/** What a service's token is asked for: its name (as a client id is written) and the topic filters it may use. */
export interface ServiceTokenRequest {
  readonly name: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  readonly ttlSeconds?: number
}

/** A service's token that another takes the place of. */
export interface RotationRequest {
  readonly token: string
  /** How long the old one is still good for. */
  readonly overlapSeconds: number
  /** As long as the old one was, when not given. */
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
  /** What the token says of itself, believed or not; absent when it cannot be read. */
  readonly claims?: Claims
  /** What CONNECT would say to it now. */
  readonly verdict: 'accepted' | ConnectRefusal
}

/** What operators do with tokens. */
export interface TokenAdministration {
  issueToken(request: {
    readonly user: string
    readonly ttlSeconds?: number
  }): Promise<IssuedToken | 'unknown' | 'disabled'>
  /** Lives a year unless asked otherwise. */
  issueServiceToken(request: ServiceTokenRequest): Promise<IssuedToken | ServiceTokenProblem>
  /** A token of the same service that may do the same; the old one, with its sessions, ends after the overlap. */
  rotateServiceToken(request: RotationRequest): Promise<RotatedToken | ServiceTokenProblem>
  inspectToken(token: string): Promise<TokenInspection>
  /** Takes a token or its `jti`; 'unknown' when none such is on record. The rest of its family ends with it. */
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
      if (typeof verified === 'string') return { problem: `the token is not accepted (${verified}): issue another` }
      const { claims, record } = verified
      if (record.role !== 'service')
        return { problem: 'only the token of an integration is rotated: a person signs in' }
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
  return `a service may not ${action} ${JSON.stringify(topic)}: only what lies within ${bounds.join(', ')}`
}

function problemOfAll(acl: readonly AclEntry[]): string | undefined {
  if (acl.length === 0) return 'name at least one filter to publish or subscribe'
  return fitsToken(acl) ? undefined : 'these filters together are too long for one token'
}

/** The claims as they are written, unverified: for showing and for finding the record, never for trusting. */
function readClaims(token: string): Claims | undefined {
  try {
    return claimsSchema.safeParse(jwt.decode(token)).data
  } catch {
    return undefined
  }
}
