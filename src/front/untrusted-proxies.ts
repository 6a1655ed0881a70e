import type { Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'

const everyMs = 3_600_000

/** Who says for whom it asks, and is not believed: most likely a proxy that nobody has listed. */
export interface UntrustedProxies {
  /** Announced at most once an hour, for strangers can say so too. */
  note(address: string): void
  /** The last of them within an hour; undefined when there was none. */
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
