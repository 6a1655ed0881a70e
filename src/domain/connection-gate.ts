import type { Socket } from 'node:net'
import type { TooManyConnections } from './connection-limits.ts'

/** Why a connection may not stay. */
export type NotAdmitted = 'address-blocked' | TooManyConnections

/** The gate that every connection passes: it finds out whose the connection is, and whether it may stay. */
export interface ConnectionGate {
  /**
   * Calls `enter` with the address of the client: the socket's own, or the one in the PROXY header of a trusted proxy, which is read first. A connection
   * that may not stay is closed before a byte is answered.
   */
  admit(socket: Socket, enter: (address: string) => void): void
  /** The address of the client behind a request with this X-Forwarded-For over a connection of `address`. The header counts only from a trusted proxy. */
  clientOf(address: string, forwardedFor: string | undefined): string
  /** Why the client of a request over a connection of `address` may not open a WebSocket on it; undefined when it may. */
  mayNotTakeOver(socket: Socket, address: string, client: string): NotAdmitted | undefined
  /** Why a request of this client is not answered now; undefined when it is. */
  mayNotAsk(client: string): NotAdmitted | undefined
}
