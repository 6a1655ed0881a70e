import type { AclEntry } from '../protocol/claims.ts'
import type { DeviceRole } from '../protocol/operations/device.ts'

/** The token a session was opened or upgraded with. */
export interface TokenRef {
  /** The `jti` claim. */
  readonly id: string
  /** The `exp` claim in milliseconds since 1970. */
  readonly expiresAtMs: number
  /** Shared by all tokens that come from one sign-in; missing for tokens that an operator issued. */
  readonly familyId?: string
}

/** Device id → what the user may do with it. */
export type Grants = ReadonlyMap<string, DeviceRole>

/** True when both allow the same. */
export function isSameGrants(a: Grants, b: Grants): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [deviceId, role] of a) if (b.get(deviceId) !== role) return false
  return true
}

/** For whom a session acts. Immutable: a session that signs in or out gets another one. */
export type Principal = GuestPrincipal | UserPrincipal | OperatorPrincipal | DevicePrincipal | ServicePrincipal

export interface GuestPrincipal {
  readonly kind: 'guest'
}

export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: string
  readonly username: string
  readonly grants: Grants
  readonly token: TokenRef
}

export interface OperatorPrincipal {
  readonly kind: 'operator'
  readonly userId: string
  readonly username: string
  readonly token: TokenRef
}

export interface DevicePrincipal {
  readonly kind: 'device'
  readonly deviceId: string
  /** The name of its thing model. */
  readonly type: string
}

export interface ServicePrincipal {
  readonly kind: 'service'
  readonly name: string
  readonly acl: readonly AclEntry[]
  readonly token: TokenRef
}

export type PrincipalKind = Principal['kind']

/** What identifies a principal: enough to compare it with another. */
export type Known =
  | GuestPrincipal
  | Pick<UserPrincipal, 'kind' | 'userId'>
  | Pick<OperatorPrincipal, 'kind' | 'userId'>
  | Pick<DevicePrincipal, 'kind' | 'deviceId'>
  | Pick<ServicePrincipal, 'kind' | 'name'>

/** The principal of a kind, or of several. */
export type PrincipalOf<Kind extends PrincipalKind> = {
  [K in PrincipalKind]: Extract<Principal, { readonly kind: K }>
}[Kind]

export const guest: GuestPrincipal = { kind: 'guest' }

/** A principal together with the MQTT client id it uses: what the policy is asked about. */
export interface Subject {
  readonly clientId: string
  readonly principal: Principal
}

/** A name for logs and for comparing principals: `user:…`, `device:…`. Every guest is `guest`, and none is the same as another. */
export function principalName(principal: Known): string {
  switch (principal.kind) {
    case 'guest':
      return 'guest'
    case 'user':
    case 'operator':
      return `${principal.kind}:${principal.userId}`
    case 'device':
      return `device:${principal.deviceId}`
    case 'service':
      return `service:${principal.name}`
  }
}

/** True when both act for the same account, device or service. Guests are nobody, so never the same. */
export const isSamePrincipal = (a: Known, b: Known): boolean =>
  a.kind !== 'guest' && principalName(a) === principalName(b)

/** True when what belongs to one belongs to the other: an account stays the same when its role changes. */
export const isSameOwner = (a: Known, b: Known): boolean =>
  isSamePrincipal(a, b) || (userIdOf(a) !== undefined && userIdOf(a) === userIdOf(b))

const ranks: Readonly<Record<PrincipalKind, number>> = { guest: 0, user: 1, operator: 2, service: 2, device: 3 }

/** True when the first ranks higher for a client id: a device before services and operators, those before users, and guests last. */
export const outranks = (a: Known, b: Known): boolean => ranks[a.kind] > ranks[b.kind]

/** The token behind a session, when there is one. */
export const tokenOf = (principal: Principal): TokenRef | undefined =>
  principal.kind === 'guest' || principal.kind === 'device' ? undefined : principal.token

/** True when the token behind a session has expired; a session without a token has no such end. */
export const hasExpired = (principal: Principal, nowMs: number): boolean =>
  (tokenOf(principal)?.expiresAtMs ?? Number.POSITIVE_INFINITY) <= nowMs

/** The account behind a session, when there is one. */
export const userIdOf = (principal: Known): string | undefined =>
  principal.kind === 'user' || principal.kind === 'operator' ? principal.userId : undefined
