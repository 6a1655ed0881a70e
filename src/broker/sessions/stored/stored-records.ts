import type { KeptSession } from '../../../domain/mqtt-state/kept-sessions.ts'
import type { GroupCommit } from '../../commit/group-commit.ts'
import type { OwnedSessions } from '../owned-sessions.ts'

/** Keeps the sessions themselves; see `MqttStore.commit`. False when that could not be kept. */
export interface SessionRecords {
  /** For a new session: whatever is left under its client id is not its own. */
  begin(session: KeptSession): Promise<boolean>
  keep(session: KeptSession): Promise<boolean>
  forget(clientId: string): Promise<boolean>
}

/** Keeps stored sessions in the store, and counts them for their owners. */
export function createStoredRecords(parts: {
  readonly commits: Pick<GroupCommit, 'write' | 'kept'>
  readonly owned: OwnedSessions
  readonly onFault: (where: string, cause: unknown) => void
}): SessionRecords {
  const { commits, owned, onFault } = parts
  const notKept = (cause: unknown): false => {
    onFault('store session', cause)
    return false
  }
  const wipe = (clientId: string): Promise<boolean> =>
    commits.kept({ kind: 'forgotten', clientId }).then(() => true, notKept)

  function keep(session: KeptSession): Promise<boolean> {
    owned.recorded(session)
    return commits.kept({ kind: 'session', session }).then(() => true, notKept)
  }

  return {
    begin(session) {
      commits.write({ kind: 'forgotten', clientId: session.clientId })
      return keep(session)
    },
    keep,
    forget(clientId) {
      owned.forgotten(clientId)
      return wipe(clientId)
    },
  }
}
