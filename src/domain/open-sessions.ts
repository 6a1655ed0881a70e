import type { Origin, Transport } from './events.ts'

/** A connection that was admitted and is not closing. */
export interface OpenSession extends Origin {
  readonly transport: Transport
  readonly openedAtMs: number
  /** How many topic filters it has subscribed. */
  readonly filters: number
}

/** The sessions of this process, for operators. Implemented by src/broker. */
export interface OpenSessions {
  all(): Iterable<OpenSession>
  byClientId(clientId: string): OpenSession | undefined
  /** Closes a session at once. False when there is none of that client id. `reason` stands in the log. */
  end(clientId: string, reason: string): boolean
  /** Closes every session that matches, those too that are just being opened. How many. */
  endWhere(matches: (session: Origin) => boolean, reason: string): number
}
