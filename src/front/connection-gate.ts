import type { Socket } from 'node:net'
import type { ConnectionGate } from '../domain/connection-gate.ts'
import type { ConnectionLimits } from '../domain/connection-limits.ts'
import { announceClosedEarly, type Events } from '../domain/events.ts'
import type { Orders } from '../domain/orders.ts'
import { createOpenSockets } from './open-sockets.ts'
import { takeProxyHeader } from './take-proxy-header.ts'
import type { TrustedProxies } from './trusted-proxies.ts'
import type { UntrustedProxies } from './untrusted-proxies.ts'

export interface ConnectionGateOptions {
  readonly proxies: TrustedProxies
  readonly untrusted: UntrustedProxies
  readonly connections: ConnectionLimits
  /** True for an address that an operator has blocked. */
  readonly refuses: (address: string) => boolean
  readonly events: Events
  readonly orders: Pick<Orders, 'obey'>
  /** Time for the first bytes of a trusted proxy's connection. */
  readonly firstBytesMs: number
}

export function createConnectionGate(options: ConnectionGateOptions): ConnectionGate {
  const { proxies, untrusted, connections, refuses, events, orders, firstBytesMs } = options
  const sockets = createOpenSockets()
  orders.obey({ 'network-closed': ({ network }) => sockets.closeFrom(network) })

  async function admitFromProxy(socket: Socket, proxy: string, enter: (address: string) => void): Promise<void> {
    const header = await takeProxyHeader(socket, firstBytesMs)
    if (header === 'closed') return
    if ('problem' in header) {
      announceClosedEarly(events, proxy, `bad-proxy-header: ${header.problem}`)
      socket.destroy()
      return
    }
    const { source = proxy } = header
    const isClients = !proxies.trusts(source)
    if (refuses(source) || (isClients && connections.attribute(socket, source) !== undefined)) socket.destroy()
    else {
      if (isClients) sockets.add(socket, source)
      enter(source)
    }
  }

  return {
    admit(socket, enter) {
      const peer = socket.remoteAddress ?? 'unknown' // read once; the socket caches it
      const isProxy = proxies.trusts(peer)
      if (refuses(peer) || connections.enter(socket, peer, isProxy ? 'proxy' : 'client') !== undefined) socket.destroy()
      else if (isProxy) void admitFromProxy(socket, peer, enter)
      else {
        sockets.add(socket, peer)
        enter(peer)
      }
    },
    clientOf(address, forwardedFor) {
      if (forwardedFor !== undefined && !proxies.trusts(address)) untrusted.note(address)
      return proxies.clientOf(address, forwardedFor)
    },
    mayNotTakeOver(socket, address, client) {
      if (refuses(client)) return 'address-blocked'
      // A connection that is not a proxy's has been counted already.
      if (!proxies.trusts(address)) return undefined
      const reason = connections.attribute(socket, client)
      if (reason === undefined) sockets.add(socket, client)
      return reason
    },
    mayNotAsk: client => (refuses(client) ? 'address-blocked' : connections.asks(client)),
  }
}
