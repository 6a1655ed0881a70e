import type { Config } from '../../config/config.ts'
import type { ConnectionGate } from '../../domain/connection-gate.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import type { Clock } from '../../domain/request.ts'
import { createConnectionGate } from '../../front/connection-gate.ts'
import { createConnectionLimits } from '../../front/connection-limits.ts'
import { createTrustedProxies } from '../../front/trusted-proxies.ts'
import { createUntrustedProxies, type UntrustedProxies } from '../../front/untrusted-proxies.ts'

interface Options {
  /** True for an address that an operator has blocked. */
  readonly refuses: (address: string) => boolean
  readonly events: Events
  readonly orders: Pick<Orders, 'obey'>
  readonly now: Clock
}

/** Makes the gate that every connection of every listener passes, and the record of proxies that are not trusted. */
export function openGate(
  { limits, trustedProxies }: Config,
  { refuses, events, orders, now }: Options,
): { readonly gate: ConnectionGate; readonly untrusted: UntrustedProxies } {
  const untrusted = createUntrustedProxies(events, now)
  const gate = createConnectionGate({
    untrusted,
    proxies: createTrustedProxies(trustedProxies),
    connections: createConnectionLimits({ limits, events, now }),
    refuses,
    events,
    orders,
    firstBytesMs: limits.connectTimeoutMs,
  })
  return { gate, untrusted }
}
