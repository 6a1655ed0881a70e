import type { Events } from '../../domain/events.ts'
import { isSameOwner, type Known, outranks, type Principal } from '../../domain/principal.ts'
import { closeSession } from './notify.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { StoredSessions } from './stored/stored-sessions.ts'

/**
 * Decides whose a client id is. A principal that has a live or a stored session with it holds it against equal and lower principals, as long as it has
 * rights. A higher one displaces it, and anybody may take the place of one whose rights have ended. What the former holder had is deleted, never handed to
 * its successor. Guests hold no id.
 */
export interface ClientIds {
  /** `asking` is the session that asks; it does not count as a holder. */
  mayTake(clientId: string, principal: Known, asking?: Session): boolean
  /**
   * Closes at once what others have open with the id, and deletes what they have stored. Undefined when nothing was stored. Otherwise wait for it, and ask
   * {@link mayTake} again: meanwhile the id is reserved for `principal`. False when it could not be deleted.
   */
  displace(clientId: string, principal: Principal): Promise<boolean> | undefined
}

export function createClientIds(parts: {
  readonly sessions: Pick<SessionTable, 'byClientId' | 'allBy'>
  readonly stored: Pick<StoredSessions, 'ownerOf' | 'principalOf' | 'forget'>
  readonly events: Events
}): ClientIds {
  const { sessions, stored, events } = parts
  /** For whom an id is reserved while a session with it is being deleted. */
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
