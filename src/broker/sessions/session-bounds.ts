import type { Events } from '../../domain/events.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import type { OwnedSessions } from './owned-sessions.ts'
import type { SessionTable } from './session-table.ts'

export interface SessionLimits {
  /** Sessions of one account, live and stored. */
  readonly sessionsPerAccount: number
  /** The same of one service, by its name. */
  readonly sessionsPerService: number
}

/** Bounds how many sessions an account or a service has. */
export interface SessionBounds {
  /**
   * Makes room for a session of `owner` with this client id, unless it has one already: the stored session that has been away longest is deleted. False,
   * and nothing is deleted, when none is away.
   */
  makeRoom(owner: Principal, clientId: string): boolean
  stop(): void
}

/** A deletion may take a full queue with it: messages go on after each. */
const pauseMs = 20

/**
 * Nothing is deleted until somebody comes for whom there is no room. When there are many too many, because the limit was lowered, one makes room at once
 * and the others follow.
 */
export function createSessionBounds(parts: {
  readonly owned: OwnedSessions
  readonly sessions: SessionTable
  /** Deletes a stored session. */
  readonly forget: (clientId: string) => unknown
  readonly limits: SessionLimits
  readonly events: Events
  readonly now: Clock
}): SessionBounds {
  const { owned, sessions, forget, limits, events, now } = parts
  const timers = new Set<NodeJS.Timeout>()

  const limitOf = (owner: Principal): keyof SessionLimits =>
    owner.kind === 'service' ? 'sessionsPerService' : 'sessionsPerAccount'
  /** How many too many there are with `clientId`, which may be one of them. */
  const excess = (owner: Principal, clientId: string): number =>
    owned.count(owner) + (owned.has(owner, clientId) ? 0 : 1) - limits[limitOf(owner)]

  /** Deletes the one that has been away longest, except `clientId`, which is coming. False when there is none. */
  function forgetOne(owner: Principal, comingId: string): boolean {
    for (const [clientId, awaySinceMs] of owned.away(owner)) {
      if (clientId === comingId || sessions.byClientId(clientId)) continue // a clean session with that id is opening, and deletes it
      forget(clientId)
      events.emit('session-dropped', { clientId, owner, awayMs: now() - awaySinceMs, limit: limitOf(owner) })
      return true
    }
    return false
  }

  function forgetRest(owner: Principal, comingId: string): void {
    if (excess(owner, comingId) <= 0) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (forgetOne(owner, comingId)) forgetRest(owner, comingId)
    }, pauseMs).unref()
    timers.add(timer)
  }

  return {
    makeRoom(owner, clientId) {
      const tooMany = excess(owner, clientId)
      if (tooMany <= 0) return true
      const isNew = !owned.has(owner, clientId)
      if (isNew && owned.away(owner).size < tooMany) return false
      if (!forgetOne(owner, clientId)) return !isNew
      forgetRest(owner, clientId)
      return true
    },
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
