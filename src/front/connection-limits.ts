import type { Closing, ConnectionLimits, TooManyConnections } from '../domain/connection-limits.ts'
import { announceClosedEarly, type Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'
import {
  charge,
  createCountedLimit,
  createOpenLimit,
  networkCharges,
  refund,
  waitFor,
} from '../limits/counted-limit.ts'
import { addressOf } from '../network/ip-address.ts'

export interface ConnectionLimitOptions {
  readonly limits: {
    /** Connections open at once, from everywhere. */
    readonly connections: number
    /** Connections open at once from one address; for IPv6 see `networksOf`, here and below. */
    readonly connectionsPerAddress: number
    /** Connections opened within a second from one address. */
    readonly connectionsPerSecond: number
    /** HTTP requests within a second from one address. */
    readonly httpRequestsPerSecond: number
    /** Addresses to which only the total applies. */
    readonly uncountedAddresses: readonly string[]
  }
  readonly events: Events
  readonly now: Clock
}

/** Connections from uncounted addresses beyond the total, so that operators on the machine can still get in. */
const reserved = 20

/** Counts open connections, and those that each address opened in this second, in memory. */
export function createConnectionLimits({ limits, events, now }: ConnectionLimitOptions): ConnectionLimits {
  const uncounted = new Set(limits.uncountedAddresses.map(addressOf))
  const isCounted = (address: string) => !uncounted.has(addressOf(address))
  const perSecond = (points: number) => createCountedLimit({ points, durationSeconds: 1 }, now)
  const openFrom = createOpenLimit(limits.connectionsPerAddress)
  const openedFrom = perSecond(limits.connectionsPerSecond)
  const askedFrom = perSecond(limits.httpRequestsPerSecond)
  let open = 0

  function attribute(connection: Closing, address: string): TooManyConnections | undefined {
    if (!isCounted(address)) return undefined
    const own = networkCharges(openFrom, address)
    if (waitFor(own) > 0) return refused(address, 'too-many-from-address')
    if (charge(networkCharges(openedFrom, address)) > 0) return refused(address, 'too-often-from-address')
    charge(own)
    connection.once('close', () => refund(own))
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
      if (!isCounted(address) || charge(networkCharges(askedFrom, address)) === 0) return undefined
      return refused(address, 'too-many-requests')
    },
  }
}
