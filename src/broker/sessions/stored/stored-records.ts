import type { KeptSession, MqttStore } from '../../../domain/mqtt-store.ts'
import type { OwnedSessions } from '../owned-sessions.ts'
import type { SessionRecords } from './stored-sessions.ts'

/** Keeps stored sessions in the store, and counts them for their owners. */
export function createStoredRecords(parts: {
  readonly store: Pick<MqttStore, 'keepSession' | 'forgetSession'>
  readonly owned: OwnedSessions
  readonly onFault: (where: string, cause: unknown) => void
}): SessionRecords {
  const { store, owned, onFault } = parts
  const notKept = (cause: unknown): false => {
    onFault('store session', cause)
    return false
  }
  const wipe = (clientId: string): Promise<boolean> => store.forgetSession({ id: clientId }).then(() => true, notKept)

  function keep(session: KeptSession): void {
    owned.recorded(session)
    store.keepSession(session).catch(notKept)
  }

  return {
    begin(session) {
      void wipe(session.clientId)
      keep(session)
    },
    keep,
    forget(clientId) {
      owned.forgotten(clientId)
      return wipe(clientId)
    },
  }
}
