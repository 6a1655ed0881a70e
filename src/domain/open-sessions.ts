import type { Transport } from './events.ts'
import type { Origin } from './origin.ts'
import type { Principal } from './principal.ts'

/** A connection that was admitted and is not closing. */
export interface OpenSession extends Origin {
  readonly transport: Transport
  readonly openedAtMs: number
  /** How many topic filters it has subscribed. */
  readonly filters: number
}

/** The open sessions, for operators; asynchronous, for they may be of several processes. Implemented by src/broker. */
export interface OpenSessions {
  all(): Promise<Iterable<OpenSession>>
  byClientId(clientId: string): Promise<OpenSession | undefined>
  /** Closes a session at once. False when there is none of that client id. `reason` stands in the log. */
  end(clientId: string, reason: string): Promise<boolean>
  /** Closes every session from one of these addresses, those too that are just being opened. How many. */
  endFrom(addresses: ReadonlySet<string>, reason: string): Promise<number>
}

/** A session that outlives its connection (clean session off). */
export interface StoredSession {
  readonly clientId: string
  readonly owner: Principal
  readonly connected: boolean
  /** Its owner's rights have ended: nothing is queued until the owner comes back, and its client id is free. */
  readonly suspended: boolean
  /** Missing while it is connected. */
  readonly awaySinceMs?: number
  /** How many topic filters it has subscribed. */
  readonly filters: number
}

/** What is kept for clients that are not connected, for operators. Implemented by src/broker. */
export interface StoredSessionList {
  all(): Iterable<StoredSession>
  /** What waits for a session. Rejects with a fault of the store. */
  queued(clientId: string): Promise<{ readonly messages: number; readonly bytes: number }>
  /** Wipes a session with everything that waits for it, and closes its connection. 'not-kept': the store failed, and it may be there again after a restart. */
  forget(clientId: string): Promise<'forgotten' | 'not-kept' | 'unknown'>
}
