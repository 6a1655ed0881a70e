import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { Session } from './session.ts'

/**
 * To be called when a session has become somebody else. Its will was kept for whom it acted for at CONNECT; from now on it is judged, should the
 * broker die, by the token that the session has now. A guest leaves no will.
 */
export function createKeepWill(parts: {
  readonly store: Pick<MqttStore, 'getWill' | 'putWill' | 'delWill'>
  readonly onFault: (where: string, cause: unknown) => void
}): (session: Session) => void {
  const { store, onFault } = parts

  async function keepWill({ client: { id }, principal }: Session): Promise<void> {
    const client = { id }
    const will = await store.getWill(client)
    if (!will) return
    if (principal.kind === 'guest') await store.delWill(client)
    else await store.putWill(client, will, principal)
  }

  return session => void keepWill(session).catch(cause => onFault('store will', cause))
}
