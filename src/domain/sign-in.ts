import { hasOwn } from '../protocol/json.ts'
import type { Principal } from './principal.ts'

/** The user name that comes with a token; any other one is a device's. */
export const tokenUsername = 'jwt'

/** The method of MQTT 5's authentication that carries the operations of sign-in. */
export const authenticationMethod = 'LATCHKEY'

/** Why a CONNECT is refused; the number is the CONNACK return code (MQTT 3.1.1 section 3.2.2.3). */
export const connectRefusals = {
  'unsupported-protocol': 1,
  'identifier-rejected': 2,
  'identifier-mismatch': 2,
  'identifier-in-use': 2,
  'identifier-reserved': 2,
  'server-unavailable': 3,
  'too-many-guests': 3,
  'too-many-guests-from-address': 3,
  'too-many-sessions': 3,
  'database-busy': 3,
  'bad-credentials': 4,
  'token-expired': 5,
  'token-revoked': 5,
  'token-replaced': 5,
  'token-reused': 5,
  'account-disabled': 5,
  'device-disabled': 5,
  'bad-authentication-method': 5,
  'guest-session': 5,
  'guest-will': 5,
  'will-refused': 5,
  'will-too-large': 5,
  'address-blocked': 5,
} as const

export type ConnectRefusal = keyof typeof connectRefusals

export function isConnectRefusal(reason: string): reason is ConnectRefusal {
  return hasOwn(connectRefusals, reason)
}

/** The certificate of a client's TLS handshake, found to be signed by the listener's authority and valid now. */
export interface PeerCertificate {
  /** The subject's CN; empty when there is none, or more than one. */
  readonly commonName: string
}

/** The credentials of a CONNECT. A client without user name and certificate is a guest, which this is not asked about. */
export interface Credentials {
  readonly username: string
  readonly password: string
  /** In place of user name and password, which are empty then. */
  readonly certificate?: PeerCertificate
  readonly clientId: string
  readonly address: string
}

/** Turns credentials into principals. Implemented in app.ts from accounts (tokens) and registry (device secrets). */
export interface Authenticator {
  /** The principal, or why CONNECT is refused. Rejects only with a fault, which is CONNACK 3. */
  authenticate(credentials: Credentials): Promise<Principal | ConnectRefusal>
  /** True when `clientId` is a registered device's: only that device may use it. */
  isReserved(clientId: string): Promise<boolean>
  /** The principal as it is now, with its grants read again, or why it may not go on. For sessions that are open already. */
  recheck(principal: Principal): Promise<Principal | ConnectRefusal>
  /** {@link recheck} for many, in few queries; the same object where nothing has changed. */
  recheckAll(principals: readonly Principal[]): Promise<readonly (Principal | ConnectRefusal)[]>
  /** A principal read from the store, as it is now, or why its rights have ended. An expired token is no such reason. */
  restore(principal: Principal): Promise<Principal | ConnectRefusal>
  /** {@link restore} for many, in few queries; the same object where nothing has changed. */
  restoreAll(principals: readonly Principal[]): Promise<readonly (Principal | ConnectRefusal)[]>
}
