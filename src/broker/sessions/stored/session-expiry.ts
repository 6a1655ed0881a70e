import type { Events } from '../../../domain/events.ts'
import type { Clock } from '../../../domain/request.ts'
import type { SessionTable } from '../session-table.ts'
import type { StoredSessions } from './stored-sessions.ts'

const passEveryMs = 60_000
/** After each, which may take a full queue with it, messages go on. */
const pauseMs = 20

/**
 * Forgets stored sessions that nobody came back to for so long, with their subscriptions and queues. They are looked for at once, and then every
 * minute, or ten times in the time that they have. One that is connected does not expire.
 */
export function startSessionExpiry(parts: {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly events: Events
  readonly expirySeconds: number
  readonly now: Clock
}): { stop(): void } {
  const { sessions, stored, events, expirySeconds, now } = parts
  const expiryMs = expirySeconds * 1000
  let timer: NodeJS.Timeout

  /** True when there may be more. */
  function expire(): boolean {
    const atMs = now()
    for (const { clientId, owner, awaySinceMs } of stored.awaySince(atMs - expiryMs)) {
      if (sessions.byClientId(clientId)) continue // a clean session by that id opens, and wipes it
      void stored.forget(clientId)
      events.emit('session-expired', { clientId, owner, awayMs: atMs - awaySinceMs })
      return true
    }
    return false
  }

  function pass(): void {
    timer = setTimeout(pass, expire() ? pauseMs : Math.min(passEveryMs, expiryMs / 10)).unref()
  }
  pass()
  return { stop: () => clearTimeout(timer) }
}
