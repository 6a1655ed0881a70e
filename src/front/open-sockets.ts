import type { Socket } from 'node:net'
import { isInNetwork, widestOf } from '../network/blockable-network.ts'
import { networkOf } from '../network/counted-networks.ts'

/** Every open connection, signed in or not, by its network. */
export interface OpenSockets {
  /** Keeps the socket until it closes. */
  add(socket: Socket, address: string): void
  /** Closes all connections from a network that an operator may block, a few in each turn of the event loop. */
  closeFrom(network: string): void
}

/** As many as sessions are closed in a turn, since a socket may carry one. */
const closedPerTurn = 8

export function createOpenSockets(): OpenSockets {
  /** By the widest network that may be blocked, and within it by what an address is counted as. */
  const byWidest = new Map<string, Map<string, Set<Socket>>>()

  function closeSome(sockets: readonly Socket[]): void {
    for (const socket of sockets.slice(0, closedPerTurn)) socket.destroy()
    if (sockets.length > closedPerTurn) setImmediate(closeSome, sockets.slice(closedPerTurn))
  }

  return {
    add(socket, address) {
      const [wide, network] = [widestOf(address), networkOf(address)]
      const networks = byWidest.get(wide) ?? new Map<string, Set<Socket>>()
      byWidest.set(wide, networks)
      const sockets = networks.get(network) ?? new Set()
      networks.set(network, sockets.add(socket))
      socket.once('close', () => {
        if (!sockets.delete(socket) || sockets.size > 0 || networks.get(network) !== sockets) return
        networks.delete(network)
        if (networks.size === 0 && byWidest.get(wide) === networks) byWidest.delete(wide)
      })
    },
    closeFrom(network) {
      const isIn = isInNetwork(network)
      const near = [...(byWidest.get(widestOf(addressIn(network))) ?? [])]
      const sockets = near.flatMap(([counted, of]) => (isIn(counted) ? [...of] : []))
      setImmediate(closeSome, sockets) // sessions close first, with a goodbye
    },
  }
}

const addressIn = (network: string): string => network.replace(/\/\d+$/, '')
