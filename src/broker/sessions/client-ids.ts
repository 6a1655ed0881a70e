import type { Events } from '../../domain/events.ts'
import { isSameOwner, type Known, outranks, type Principal } from '../../domain/principal.ts'
import { closeSession } from './notify.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { StoredSessions } from './stored/stored-sessions.ts'

/**
 * Whose a client id is. Whoever has a live or a stored session by it holds it against equals and lower ones as long as they have rights; a higher one
 * displaces them, and anybody takes the place of those whose rights have ended. What was theirs is wiped, and never their successor's. Guests hold no id.
 */
export interface ClientIds {
  /** `asking` is the session that asks, which is in nobody's way. */
  mayTake(clientId: string, principal: Known, asking?: Session): boolean
  /**
   * Closes what others have open by the id, at once, and wipes what they have stored. Undefined when nobody had stored anything; else to be waited for, and {@link mayTake} to be
   * asked again: meanwhile the id is kept for `principal`. False when it could not be wiped.
   */
  displace(clientId: string, principal: Principal): Promise<boolean> | undefined
}

export function createClientIds(parts: {
  readonly sessions: Pick<SessionTable, 'byClientId' | 'allBy'>
  readonly stored: Pick<StoredSessions, 'ownerOf' | 'principalOf' | 'forget'>
  readonly events: Events
}): ClientIds {
  const { sessions, stored, events } = parts
  /** For whom an id is kept while it is wiped. */
  const taking = new Map<string, Principal>()

  const yields = (holder: Principal | undefined, to: Known): boolean =>
    holder === undefined || isSameOwner(holder, to) || outranks(to, holder)

  async function wipe(clientId: string, principal: Principal): Promise<boolean> {
    taking.set(clientId, principal)
    try {
      return await stored.forget(clientId)
    } finally {
      if (taking.get(clientId) === principal) taking.delete(clientId)
    }
  }

  return {
    mayTake(clientId, principal, asking) {
      const holder = sessions.byClientId(clientId)
      const live = holder === asking ? undefined : holder
      return (
        yields(live?.revokedFrom ? undefined : live?.principal, principal) &&
        yields(stored.principalOf(clientId), principal) &&
        yields(taking.get(clientId), principal)
      )
    },

    displace(clientId, principal) {
      for (const session of sessions.allBy(clientId))
        if (!isSameOwner(session.revokedFrom ?? session.principal, principal)) closeSession(session, 'displaced')
      const owner = stored.ownerOf(clientId)
      if (!owner || isSameOwner(owner, principal)) return undefined
      events.emit('session-displaced', { clientId, owner, by: principal })
      return wipe(clientId, principal)
    },
  }
}
