import type { Principal } from '../principal.ts'
import type { Qos } from '../qos.ts'

export interface StoredSubscription {
  readonly topic: string
  readonly qos: Qos
  /** The session is not sent what it has published itself. */
  readonly noLocal?: true
  /** A message that was published to be retained says so. */
  readonly retainAsPublished?: true
  /** What is retained is still to be sent: what comes after this topic, all of it when it is empty. Missing when nothing is. */
  readonly unfedAfter?: string
}

/** A session that outlives its connection (clean session off). */
export interface KeptSession {
  readonly clientId: string
  /** Whose it is; of a user, without the grants. */
  readonly owner: Principal
  /** Its owner's rights have ended: nothing is queued until the owner comes back. */
  readonly suspended: boolean
  /** Since when it is away, in milliseconds since 1970; missing while it is connected, or was when its broker died. */
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
  /** Every session that this process owns, those of an earlier run of it. Rejects with a fault of the store. */
  all(): Promise<readonly LeftSession[]>
}
