import type { Principal } from '../principal.ts'
import type { Qos } from '../qos.ts'

export interface StoredSubscription {
  readonly topic: string
  readonly qos: Qos
  /** The session is not sent what it has published itself. */
  readonly noLocal?: true
  /** A message that was published with the retain flag is sent with it. */
  readonly retainAsPublished?: true
  /** What its messages are delivered with, for the client to know them by. */
  readonly identifier?: number
  /** Retained messages are still to be sent: those on topics after this one, all of them when it is empty. Missing when none are. */
  readonly unfedAfter?: string
}

/** A session that outlives its connection (clean session off). */
export interface KeptSession {
  readonly clientId: string
  /** Its owner; a user without the grants. */
  readonly owner: Principal
  /** Its owner's rights have ended: nothing is queued until the owner comes back. */
  readonly suspended: boolean
  /** For how long it outlives its connection, where the client says so; missing: as long as the settings allow. */
  readonly expirySeconds?: number
  /** Since when it is away, in milliseconds since 1970; missing while it is connected, or if it was when its broker died. */
  readonly awaySinceMs?: number
}

/** A session as an earlier process has left it. */
export interface LeftSession extends KeptSession {
  readonly subscriptions: readonly StoredSubscription[]
  /** Packet ids of the messages at QoS 2 that it has begun and not released. */
  readonly begun: readonly number[]
}

/** The sessions that outlive their connection. */
export interface KeptSessions {
  /** Every session that this process owns, from its earlier runs. Rejects with a fault of the store. */
  all(): Promise<readonly LeftSession[]>
}
