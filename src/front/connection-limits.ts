import type { Closing, ConnectionLimits, TooManyConnections } from '../domain/connection-limits.ts'
import { announceClosedEarly, type Events } from '../domain/events.ts'
import { addressOf, networkOf } from '../domain/network.ts'
import type { Clock } from '../domain/request.ts'
import { createWindowedCounts } from '../domain/windowed-counts.ts'

export interface ConnectionLimitOptions {
  readonly limits: {
    /** Open at once, from everywhere. */
    readonly connections: number
    /** Open at once from one address (IPv6: one /64). */
    readonly connectionsPerAddress: number
    /** Opened within a second from one address. */
    readonly connectionsPerSecond: number
    /** HTTP requests within a second from one address. */
    readonly httpRequestsPerSecond: number
    /** Addresses that only the total holds for. */
    readonly uncountedAddresses: readonly string[]
  }
  readonly events: Events
  readonly now: Clock
}

/** So many beyond the total may come from the uncounted addresses: whoever runs the machine can still look at it. */
const reserved = 20

/** Counts in memory: what is open, and what each address opened in this second. */
export function createConnectionLimits({ limits, events, now }: ConnectionLimitOptions): ConnectionLimits {
  const uncounted = new Set(limits.uncountedAddresses.map(addressOf))
  const isCounted = (address: string) => !uncounted.has(addressOf(address))
  const openFrom = new Map<string, number>()
  const openedFrom = createWindowedCounts(1000, now)
  const askedFrom = createWindowedCounts(1000, now)
  let open = 0

  function ofAddress(network: string): TooManyConnections | undefined {
    if ((openFrom.get(network) ?? 0) >= limits.connectionsPerAddress) return 'too-many-from-address'
    return openedFrom.add(network) > limits.connectionsPerSecond ? 'too-often-from-address' : undefined
  }

  function left(network: string): void {
    const others = (openFrom.get(network) ?? 0) - 1
    if (others > 0) openFrom.set(network, others)
    else openFrom.delete(network)
  }

  function attribute(connection: Closing, address: string): TooManyConnections | undefined {
    if (!isCounted(address)) return undefined
    const network = networkOf(address)
    const reason = ofAddress(network)
    if (reason) return refused(address, reason)
    openFrom.set(network, (openFrom.get(network) ?? 0) + 1)
    connection.once('close', () => left(network))
    return undefined
  }

  function refused(address: string, reason: TooManyConnections): TooManyConnections {
    announceClosedEarly(events, address, reason)
    return reason
  }

  return {
    enter(connection, address, whose = 'client') {
      const isOurOwn = whose === 'client' && !isCounted(address)
      if (open >= limits.connections + (isOurOwn ? reserved : 0)) return refused(address, 'too-many-connections')
      const reason = whose === 'client' ? attribute(connection, address) : undefined
      if (reason) return reason
      open++
      connection.once('close', () => open--)
      return undefined
    },
    attribute,
    asks(address) {
      if (!isCounted(address) || askedFrom.add(networkOf(address)) <= limits.httpRequestsPerSecond) return undefined
      return refused(address, 'too-many-requests')
    },
  }
}
