import { EventEmitter } from 'node:events'
import type { Code } from '../protocol/codes.ts'
import type { DeviceRole } from '../protocol/operations/device.ts'
import type { Principal } from './principal.ts'

/** Where something came from: enough for a log line, never a secret. */
export interface Origin {
  readonly clientId: string
  readonly address: string
  readonly principal: Principal
}

/** What happens, announced once. Listeners must not throw and are never awaited. */
export interface DomainEvents {
  'session-opened': [Origin & { readonly transport: Transport }]
  'session-closed': [Origin & { readonly reason: string; readonly durationMs: number }]
  'connection-refused': [
    { readonly address: string; readonly clientId: string; readonly reason: string; readonly returnCode: number },
  ]
  'publish-refused': [Origin & { readonly topic: string; readonly rule: string }]
  'subscribe-refused': [Origin & { readonly topic: string; readonly rule: string }]
  'request-answered': [Origin & { readonly operation: string; readonly code: Code; readonly durationMs: number }]
  'signed-in': [Origin & { readonly operation: string; readonly userId: string }]
  'device-claimed': [{ readonly deviceId: string; readonly userId: string }]
  /** A device got its secret by enrolling; sessions that came with an earlier one end. */
  'device-enrolled': [Origin & { readonly deviceId: string; readonly type: string }]
  'device-released': [{ readonly deviceId: string; readonly userId: string }]
  /** A user may do something else with a device from now on; null: nothing any more. Open sessions follow at once. */
  'grant-changed': [{ readonly userId: string; readonly deviceId: string; readonly role: DeviceRole | null }]
  /** Something in `device/list` of this user changed besides grants: a name. */
  'device-changed': [{ readonly userId: string; readonly deviceId: string }]
  /** One token is void. */
  'token-revoked': [{ readonly tokenId: string; readonly reason: string }]
  /** Every token of the account is void but the one named `exceptTokenId`. */
  'account-signed-out': [{ readonly userId: string; readonly reason: string; readonly exceptTokenId?: string }]
  'device-online': [{ readonly deviceId: string }]
  'device-offline': [{ readonly deviceId: string; readonly reason: string }]
  'state-value-refused': [
    { readonly deviceId: string; readonly property: string; readonly reason: string; readonly count: number },
  ]
  /** The accounts' database was changed by another process (the command line): open sessions are checked again. */
  'store-changed-elsewhere': []
  /** A part of ours failed and went on; `cause` is for the log. */
  fault: [{ readonly where: string; readonly cause: unknown }]
}

export type Transport = 'tcp' | 'tls' | 'ws'

/** A typed emitter of {@link DomainEvents}. */
export type Events = EventEmitter<DomainEvents>

export const createEvents = (): Events => new EventEmitter<DomainEvents>({ captureRejections: false })
