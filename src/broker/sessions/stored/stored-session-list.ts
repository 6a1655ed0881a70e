import type { SessionQueues } from '../../../domain/mqtt-state/session-queues.ts'
import type { StoredSessionList } from '../../../domain/open-sessions.ts'
import { closeSession } from '../notify.ts'
import type { SessionTable } from '../session-table.ts'
import type { StoredSessions } from './stored-sessions.ts'

/** {@link StoredSessionList} on the stored sessions. */
export function createStoredSessionList(parts: {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly queues: Pick<SessionQueues, 'sizeOf'>
}): StoredSessionList {
  const { sessions, stored, queues } = parts
  return {
    *all() {
      for (const session of stored.listed())
        yield { ...session, connected: stored.readerOf(session.clientId)?.session !== undefined }
    },
    queued: clientId => queues.sizeOf(clientId),
    async forget(clientId) {
      const reader = stored.readerOf(clientId)
      if (!reader) return 'unknown'
      for (const session of sessions.allBy(clientId)) if (session.reader === reader) closeSession(session, 'forgotten')
      return (await stored.forget(clientId)) ? 'forgotten' : 'not-kept'
    },
  }
}
