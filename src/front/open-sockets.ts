import type { Socket } from 'node:net'
import { networkOf } from '../domain/network.ts'

/** Every open connection, signed in or not, by the network it comes from. */
export interface OpenSockets {
  /** Until it closes. */
  add(socket: Socket, address: string): void
  /** Closes all that are of a network, a few in each turn of the event loop. */
  closeFrom(network: string): void
}

/** As many as sessions are closed in a turn: what closes may be one. */
const closedPerTurn = 8

export function createOpenSockets(): OpenSockets {
  const byNetwork = new Map<string, Set<Socket>>()

  function closeSome(sockets: readonly Socket[]): void {
    for (const socket of sockets.slice(0, closedPerTurn)) socket.destroy()
    if (sockets.length > closedPerTurn) setImmediate(closeSome, sockets.slice(closedPerTurn))
  }

  return {
    add(socket, address) {
      const network = networkOf(address)
      const sockets = byNetwork.get(network) ?? new Set()
      byNetwork.set(network, sockets.add(socket))
      socket.once('close', () => {
        if (sockets.delete(socket) && sockets.size === 0 && byNetwork.get(network) === sockets)
          byNetwork.delete(network)
      })
    },
    closeFrom(network) {
      setImmediate(closeSome, [...(byNetwork.get(network) ?? [])]) // sessions first, which say good-bye
    },
  }
}
