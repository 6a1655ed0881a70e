import type { Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'

const everyMs = 3_600_000

/** Addresses that name a client without being trusted: most likely a proxy that nobody has listed. */
export interface UntrustedProxies {
  /** Announces the address at most once an hour, since strangers can send the header too. */
  note(address: string): void
  /** The last such address within an hour; undefined when there was none. */
  last(): string | undefined
}

export function createUntrustedProxies(events: Events, now: Clock): UntrustedProxies {
  let latest: { readonly address: string; readonly atMs: number } | undefined
  let announcedAtMs = Number.NEGATIVE_INFINITY
  return {
    note(address) {
      latest = { address, atMs: now() }
      if (Math.abs(now() - announcedAtMs) < everyMs) return
      announcedAtMs = now()
      events.emit('proxy-not-trusted', { address })
    },
    last: () => (latest && Math.abs(now() - latest.atMs) < everyMs ? latest.address : undefined),
  }
}
