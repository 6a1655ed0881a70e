import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { OwnedSessions } from './owned-sessions.ts'
import type { SessionRecords } from './stored-sessions.ts'

/** Keeps stored sessions in the store, and counts them for their owners. */
export function createStoredRecords(parts: {
  readonly store: Pick<MqttStore, 'keepSession' | 'forgetSession'>
  readonly owned: OwnedSessions
  readonly onFault: (where: string, cause: unknown) => void
}): SessionRecords {
  const { store, owned, onFault } = parts
  const notKept = (cause: unknown) => onFault('store session', cause)

  return {
    keep(session) {
      owned.recorded(session)
      store.keepSession(session).catch(notKept)
    },
    forget(clientId) {
      owned.forgotten(clientId)
      store.forgetSession({ id: clientId }).catch(notKept)
    },
  }
}
