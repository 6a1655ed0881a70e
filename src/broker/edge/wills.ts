import type { Message } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { createPublishGuard, Published } from '../rights/publish-guard.ts'
import type { MessagePath } from '../router/message-tap.ts'
import type { Session } from '../sessions/session.ts'
import type { CarryMessage } from './carry-message.ts'

/** The wills of open connections (MQTT 3.1.1 section 3.1.2.5), kept in the store for whoever comes after a broker that died. */
export interface Wills {
  /** Keeps what CONNECT has left, in place of what is kept by its client id. To be awaited before CONNACK. Rejects with a fault of the store. */
  admitted(session: Session): Promise<void>
  /**
   * The session acts for somebody else: from now on its will is judged, should the broker die, by the token that the session has now. A guest
   * leaves no will.
   */
  becameSomebody(session: Session): void
  /** The connection has ended: sends its will, unless the client has said good-bye [MQTT-3.1.2-8], and forgets it. Never throws. */
  ended(session: Session): void
}

export function createWills(parts: {
  readonly store: Pick<MqttStore, 'keep' | 'putWill' | 'delWill'>
  readonly guard: Pick<ReturnType<typeof createPublishGuard>, 'pass'>
  readonly carry: CarryMessage
  readonly path: Pick<MessagePath, 'publishing'>
  readonly onFault: (where: string, cause: unknown) => void
}): Wills {
  const { store, guard, carry, path, onFault } = parts
  /** Whose will is kept by a client id: a connection that was taken over ends later than its successor begins. */
  const keepers = new Map<string, Session>()
  /** Whose will was kept before by the same id: it is again, when a connection ends that has not taken it over yet. */
  const before = new WeakMap<Session, Session>()
  const failed = (cause: unknown) => onFault('store will', cause)

  /** Within the turn's transaction. */
  function forget(session: Session): void {
    if (keepers.get(session.clientId) !== session) return
    const other = before.get(session)
    if (other?.will) {
      keepers.set(session.clientId, other)
      store.putWill(session.clientId, storedOf(other.will), other.principal).catch(failed)
      return
    }
    keepers.delete(session.clientId)
    store.delWill(session.clientId).catch(failed)
  }

  function send(session: Session, will: Published): void {
    path.publishing(session, will)
    const passed = guard.pass(session, will, true)
    if (!passed || !('message' in passed)) {
      forget(session)
      return
    }
    // In one transaction: a broker that ends right here does not send it again.
    store.keep(
      () => {
        forget(session)
        carry.kept(passed)
      },
      () => {},
      cause => onFault('sending a will', cause),
    )
  }

  return {
    async admitted(session) {
      const { will, clientId, principal } = session
      if (will) {
        const other = keepers.get(clientId)
        if (other) before.set(session, other)
        keepers.set(clientId, session)
        await store.putWill(clientId, storedOf(will), principal)
      } else if (!keepers.has(clientId)) await store.delWill(clientId).catch(failed) // what an earlier fault has left
    },
    becameSomebody(session) {
      const { will, clientId, principal } = session
      if (!will || keepers.get(clientId) !== session) return
      if (principal.kind === 'guest') store.delWill(clientId).catch(failed)
      else store.putWill(clientId, storedOf(will), principal).catch(failed)
    },
    ended(session) {
      const { will } = session
      if (!will) return
      session.will = undefined
      try {
        if (session.ready && !session.stream.saidGoodbye) send(session, will)
        else forget(session)
      } catch (cause) {
        if (keepers.get(session.clientId) === session) keepers.delete(session.clientId) // it stays kept for the next start, unless a successor comes
        failed(cause)
      }
      before.delete(session)
    },
  }
}

const storedOf = ({ topic, payload, qos, retain }: Published): Message => ({ topic, payload, qos, retain })
