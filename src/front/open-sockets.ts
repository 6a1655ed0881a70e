import type { Socket } from 'node:net'
import { networkOf } from '../domain/network.ts'

/** Whose each open connection is, signed in or not. */
export interface OpenSockets {
  /** Until it closes. */
  add(socket: Socket, address: string): void
  /** Closes all that are of a network, a few in each turn of the event loop. */
  closeFrom(network: string): void
}

/** As many as sessions are closed in a turn: what closes may be one. */
const closedPerTurn = 8

export function createOpenSockets(): OpenSockets {
  const open = new Map<Socket, string>()

  function closeSome(sockets: readonly Socket[]): void {
    for (const socket of sockets.slice(0, closedPerTurn)) socket.destroy()
    if (sockets.length > closedPerTurn) setImmediate(closeSome, sockets.slice(closedPerTurn))
  }

  return {
    add(socket, address) {
      open.set(socket, address)
      socket.once('close', () => open.delete(socket))
    },
    closeFrom(network) {
      const meant = [...open].filter(([, address]) => networkOf(address) === network).map(([socket]) => socket)
      setImmediate(closeSome, meant) // sessions first, which say good-bye
    },
  }
}
