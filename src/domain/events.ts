import { EventEmitter } from 'node:events'
import type { Code, RefusalCode } from '../protocol/codes.ts'
import type { DeviceRole } from '../protocol/operations/device.ts'
import type { Deed } from './audit.ts'
import type { OrderKind, OrderKinds } from './orders.ts'
import type { Origin } from './origin.ts'
import type { Principal } from './principal.ts'

/** Events on which nobody has to act, each announced once. Listeners must not throw and are never awaited. */
export interface Facts {
  'session-opened': [Origin & { readonly transport: Transport }]
  'session-closed': [Origin & { readonly reason: string; readonly durationMs: number }]
  /** The client sends faster than it may, and is read more slowly; at most once a minute. */
  'session-slowed': [Origin]
  /** Messages queued for a session did not fit, and the oldest were dropped; at most once a minute for one session. */
  'messages-dropped': [{ readonly clientId: string; readonly count: number }]
  /** A stored session was away for too long: it is deleted, with everything that waited for it. */
  'session-expired': [{ readonly clientId: string; readonly owner: Principal; readonly awayMs: number }]
  /** A stored session of an account or a service made room for another one: it is deleted, with everything that waited for it. */
  'session-dropped': [
    {
      readonly clientId: string
      readonly owner: Principal
      readonly awayMs: number
      /** The setting that limits how many there may be. */
      readonly limit: string
    },
  ]
  /**
   * `by` has taken a client id, because it ranks higher or the owner's rights have ended. The owner's stored session is deleted, with everything that waited
   * for it.
   */
  'session-displaced': [{ readonly clientId: string; readonly owner: Principal; readonly by: Principal }]
  /** `topic` is that of a refused will; `principal` is present when it was known before the refusal. */
  'connection-refused': [
    {
      readonly address: string
      readonly clientId: string
      readonly reason: string
      readonly returnCode: number
      readonly topic?: string
      readonly principal?: Principal
    },
  ]
  /** A request carries X-Forwarded-For, and its own address is no trusted proxy. */
  'proxy-not-trusted': [{ readonly address: string }]
  'publish-refused': [Origin & { readonly topic: string; readonly rule: string }]
  /** A command did not reach its device: malformed, not allowed by the device's type, or the device is not there. At most once a second of one session. */
  'command-refused': [Origin & { readonly topic: string; readonly code: RefusalCode; readonly reason: string }]
  /** `count`: how many filters the SUBSCRIBE has, of which those beyond the limit are refused. */
  'subscribe-refused': [Origin & { readonly topic: string; readonly rule: string; readonly count?: number }]
  /**
   * `reason` is the detail that a refusal told its client, `ref` the reference. `unheard`: the reply was not sent, because the client had not subscribed to
   * it or was gone.
   */
  'request-answered': [
    Origin & {
      readonly operation: string
      readonly code: Code
      readonly reason?: string
      readonly ref?: string
      readonly unheard?: boolean
      readonly durationMs: number
    },
  ]
  'signed-in': [Origin & { readonly operation: string; readonly userId: string }]
  /** A request to sign in, or for a right by password, was refused. `username` is what was sent: it may be anything. */
  'sign-in-refused': [Origin & { readonly operation: string; readonly code: RefusalCode; readonly username?: string }]
  'device-claimed': [{ readonly deviceId: string; readonly userId: string }]
  /** The owner made an invitation. Accepting it is a 'grant-changed'. */
  'device-shared': [{ readonly deviceId: string; readonly userId: string; readonly role: DeviceRole }]
  /** A token was used after its successor: two clients have had it, one of them perhaps a thief. Its family is revoked. */
  'token-reused': [Origin & { readonly tokenId: string; readonly userId: string }]
  /** The token of an integration ends in some days: it must be rotated by hand. */
  'service-token-ending': [{ readonly name: string; readonly tokenId: string; readonly expiresAtMs: number }]
  /** Somebody has done something that belongs on record. */
  acted: [Origin & Deed]
  'device-online': [{ readonly deviceId: string }]
  'device-offline': [{ readonly deviceId: string; readonly reason: string }]
  /**
   * A device reported something that its type refuses or does not declare: once for each property. `property` is empty for a whole report. At most sixteen
   * undeclared properties of a device are announced.
   */
  'state-value-refused': [{ readonly deviceId: string; readonly property: string; readonly reason: string }]
  /** Another process has held a lock on the accounts' database for a second while something had to be written; until 'database-free'. */
  'database-locked': [{ readonly file: string }]
  'database-free': [{ readonly file: string; readonly lockedMs: number }]
  /** Something in Latchkey failed and went on; `cause` is for the log, `ref` the reference that a client was given. */
  fault: [{ readonly where: string; readonly cause: unknown; readonly ref?: string }]
}

/** Announces that a connection was closed before more than its address was known. */
export const announceClosedEarly = (events: Events, address: string, reason: string): void =>
  void events.emit('connection-refused', { address, clientId: '', reason, returnCode: 0 })

export type Transport = 'tcp' | 'tls' | 'ws'

/** What the log, the audit trail and the metrics listen to: facts, and the orders that this node gives. */
export interface DomainEvents extends Facts, OrderEvents {}
type OrderEvents = { [Kind in OrderKind]: [OrderKinds[Kind]] }

/** A typed emitter of {@link DomainEvents}, as rooms have it: an order is not emitted but given, see {@link Orders}. */
export interface Events extends Omit<EventEmitter<DomainEvents>, 'emit'> {
  emit<Fact extends keyof Facts>(fact: Fact, ...about: Facts[Fact]): boolean
}

/** As src/bus has it, which gives orders. */
export interface AllEvents extends Events {
  emit<Fact extends keyof Facts>(fact: Fact, ...about: Facts[Fact]): boolean
  emit<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): boolean
}

export const createEvents = (): AllEvents => new EventEmitter<DomainEvents>({ captureRejections: false })
