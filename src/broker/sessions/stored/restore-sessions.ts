import type { KeptSession, KeptSessions } from '../../../domain/mqtt-state/kept-sessions.ts'
import type { Clock } from '../../../domain/request.ts'
import type { Authenticator } from '../../../domain/sign-in.ts'
import type { StoredSessions } from './stored-sessions.ts'

/**
 * Takes up the sessions that an earlier broker kept, each with what its owner may do today, so that messages are queued for them from the
 * first one on. Those that were connected when that broker died are away from now on. Once, before the first connection. Rejects with a fault
 * of a store.
 */
export async function restoreSessions(parts: {
  readonly left: KeptSessions
  readonly stored: StoredSessions
  readonly authenticator: Pick<Authenticator, 'restore'>
  /** Told of each, in the order in which they went away. */
  readonly restored: (session: KeptSession) => void
  readonly now: Clock
}): Promise<void> {
  const { left, stored, authenticator, restored, now } = parts
  const kept = [...(await left.all())].sort((a, b) => leftAtMs(a) - leftAtMs(b))
  for (const session of kept) {
    restored(session)
    const owner = await authenticator.restore(session.owner)
    const hasEnded = typeof owner === 'string'
    stored.restore({
      ...session,
      owner: hasEnded ? session.owner : owner,
      suspended: session.suspended || hasEnded,
    })
    stored.left(session.clientId, now())
  }
}

const leftAtMs = ({ awaySinceMs = Number.MAX_SAFE_INTEGER }: KeptSession): number => awaySinceMs
