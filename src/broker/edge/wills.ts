import type { Message } from '../../domain/message.ts'
import type { Write } from '../../domain/mqtt-state/write.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { createPublishGuard, Published } from '../rights/publish-guard.ts'
import type { MessagePath } from '../router/message-tap.ts'
import type { Session } from '../sessions/session.ts'
import type { CarryMessage } from './carry-message.ts'

/** The wills of open connections (MQTT 3.1.1 section 3.1.2.5), kept in the store so that a broker that died has a successor to send them. */
export interface Wills {
  /** Keeps the will of CONNECT, in place of the one that is kept under its client id. To be awaited before CONNACK. Rejects with a fault of the store. */
  admitted(session: Session): Promise<void>
  /**
   * * The session acts for another principal. If the broker dies from now on, its will is judged by the token that the session has now. A guest leaves no
   * will.
   */
  becameSomebody(session: Session): void
  /** The connection has ended: sends its will, unless the client has sent DISCONNECT [MQTT-3.1.2-8], and deletes it. Never throws. */
  ended(session: Session): void
}

export function createWills(parts: {
  readonly commits: Pick<GroupCommit, 'write' | 'kept'>
  readonly guard: Pick<ReturnType<typeof createPublishGuard>, 'pass' | 'refuseRetained'>
  readonly carry: CarryMessage
  readonly path: Pick<MessagePath, 'publishing'>
  readonly onFault: (where: string, cause: unknown) => void
}): Wills {
  const { commits, guard, carry, path, onFault } = parts
  /** The session whose will is kept under a client id: a connection that was taken over ends after its successor has begun. */
  const keepers = new Map<string, Session>()
  /** The session whose will was kept under the same id before. If a connection ends before it has taken over, that will is kept again. */
  const before = new WeakMap<Session, Session>()
  /** Client ids whose wills could not be removed. */
  const left = new Set<string>()

  const willOf = ({ clientId, principal }: Session, will: Published): Write => ({
    kind: 'will',
    clientId,
    message: messageOf(will),
    owner: principal,
  })
  const keep = (session: Session, will: Published): void =>
    commits.write(willOf(session, will), undefined, cause => onFault('store will', cause))

  function remove(clientId: string): void {
    commits.write({ kind: 'will-gone', clientId }, undefined, cause => {
      left.add(clientId) // it stays for the next start, unless a successor comes
      onFault('store will', cause)
    })
  }

  function forget(session: Session): void {
    if (keepers.get(session.clientId) !== session) return
    const other = before.get(session)
    if (other?.will) {
      keepers.set(session.clientId, other)
      keep(other, other.will)
      return
    }
    keepers.delete(session.clientId)
    remove(session.clientId)
  }

  /** In one batch: if the broker ends right here, its successor does not send the will again. */
  function send(session: Session, will: Published): void {
    path.publishing(session, will)
    const passed = guard.pass(session, will, true)
    forget(session)
    if (!('message' in passed)) return
    carry.kept(passed, {
      kept: () => {},
      refused: () => void guard.refuseRetained(session, will),
      undone: cause => onFault('sending a will', cause),
    })
  }

  /** When a connection has ended, its successor follows the one before it. */
  function passOn(session: Session): void {
    let later = keepers.get(session.clientId)
    while (later && before.get(later) !== session) later = before.get(later)
    const earlier = before.get(session)
    before.delete(session)
    if (!later) return
    if (earlier) before.set(later, earlier)
    else before.delete(later)
  }

  return {
    async admitted(session) {
      const { will, clientId } = session
      if (will) {
        const other = keepers.get(clientId)
        if (other) before.set(session, other)
        keepers.set(clientId, session)
        await commits.kept(willOf(session, will))
      } else if (!keepers.has(clientId) && left.delete(clientId)) remove(clientId)
    },
    becameSomebody(session) {
      const { will, clientId, principal } = session
      if (!will || keepers.get(clientId) !== session) return
      if (principal.kind === 'guest') remove(clientId)
      else keep(session, will)
    },
    ended(session) {
      const { will } = session
      if (!will) return
      session.will = undefined
      try {
        if (session.ready && !session.stream.saidGoodbye) send(session, will)
        else forget(session)
      } catch (cause) {
        onFault('sending a will', cause)
      }
      passOn(session)
    },
  }
}

const messageOf = ({ topic, payload, qos, retain, properties }: Published): Message => ({
  topic,
  payload,
  qos,
  retain,
  ...(properties && { properties }),
})
