import type { Events } from '../../../domain/events.ts'
import type { Clock } from '../../../domain/request.ts'
import type { SessionTable } from '../session-table.ts'
import type { StoredSessions } from './stored-sessions.ts'

const passEveryMs = 60_000
/** A deletion may take a full queue with it: messages go on after each. */
const pauseMs = 20

/**
 * Deletes stored sessions that have been away too long, with their subscriptions and queues. It looks for them at once, and then every minute, or ten times
 * within the expiry when that is shorter. A connected session does not expire.
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
    for (const { clientId, owner, awaySinceMs } of stored.expired(atMs, expirySeconds)) {
      if (sessions.byClientId(clientId)) continue // a clean session with that id is opening, and deletes it
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
