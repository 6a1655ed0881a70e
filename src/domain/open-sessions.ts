import type { Transport } from './events.ts'
import type { Origin } from './origin.ts'
import type { Principal } from './principal.ts'

/** A connection that was admitted and is not closing. */
export interface OpenSession extends Origin {
  readonly transport: Transport
  readonly openedAtMs: number
  /** How many topic filters it has subscribed to. */
  readonly filters: number
}

/** The open sessions, for operators. Asynchronous, because they may belong to several processes. Implemented by src/broker. */
export interface OpenSessions {
  all(): Promise<Iterable<OpenSession>>
  byClientId(clientId: string): Promise<OpenSession | undefined>
  /** Closes a session at once. False when there is none with that client id. `reason` is for the log. */
  end(clientId: string, reason: string): Promise<boolean>
  /** Closes every session from one of these addresses, also those that are just being opened. Resolves with how many. */
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
  /** How many topic filters it has subscribed to. */
  readonly filters: number
}

/** The sessions that are kept for clients that are not connected, for operators. Implemented by src/broker. */
export interface StoredSessionList {
  all(): Iterable<StoredSession>
  /** What waits for a session. Rejects with a fault of the store. */
  queued(clientId: string): Promise<{ readonly messages: number; readonly bytes: number }>
  /**
   * Deletes a session with everything that waits for it, and closes its connection. 'not-kept': the store failed, and it may be there again after a restart.
   */
  forget(clientId: string): Promise<'forgotten' | 'not-kept' | 'unknown'>
}
