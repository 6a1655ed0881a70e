import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionLimits, TooManyConnections } from '../domain/connection-limits.ts'

const timeToHearItMs = 1000

/** Connections that are over a limit: each has a second to be told so, as HTTP does, and is not counted meanwhile. */
export function createRefusedSockets(connections: ConnectionLimits) {
  const reasons = new WeakMap<Duplex, TooManyConnections>()
  return {
    /** To be called with every connection of the server, once. */
    check(socket: Socket): void {
      const reason = connections.enter(socket, socket.remoteAddress ?? 'unknown')
      if (!reason) return
      reasons.set(socket, reason)
      const timer = setTimeout(() => socket.destroy(), timeToHearItMs).unref()
      socket.once('close', () => clearTimeout(timer))
    },
    /** Why the connection is to go; undefined when it may stay. */
    reasonOf: (socket: Duplex): TooManyConnections | undefined => reasons.get(socket),
  }
}
