import type { Message } from '../../domain/message.ts'
import type { Write } from '../../domain/mqtt-state/write.ts'
import type { Clock } from '../../domain/request.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { ConnectWill } from '../engine/engine-client.ts'
import type { createPublishGuard, Published } from '../rights/publish-guard.ts'
import type { MessagePath } from '../router/message-tap.ts'
import type { Session } from '../sessions/session.ts'
import type { CarryMessage } from './carry-message.ts'
import type { DueWills } from './due-wills.ts'

/** The wills of open connections (MQTT 3.1.1 section 3.1.2.5), kept in the store so that a broker that died has a successor to send them. */
export interface Wills {
  /** Keeps the will of CONNECT, in place of the one that is kept under its client id. To be awaited before CONNACK. Rejects with a fault of the store. */
  admitted(session: Session): Promise<void>
  /**
   * The session acts for another principal. If the broker dies from now on, its will is judged by the token that the session has now. A guest leaves no
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
  readonly due: Pick<DueWills, 'delay' | 'cancel'>
  /** For how many seconds the session is still there when its connection has ended. */
  readonly outlivesBySeconds: (session: Session) => number
  /** A new connection goes on with the session. */
  readonly isContinued: (session: Session) => boolean
  /** The session whose will is kept under a client id: a connection that was taken over ends after its successor has begun. */
  readonly keepers: Map<string, Session>
  readonly now: Clock
  readonly onFault: (where: string, cause: unknown) => void
}): Wills {
  const { commits, guard, carry, path, due, outlivesBySeconds, isContinued, keepers, now, onFault } = parts
  /** The session whose will was kept under the same id before. If a connection ends before it has taken over, that will is kept again. */
  const before = new WeakMap<Session, Session>()
  /** Client ids whose wills could not be removed. */
  const left = new Set<string>()

  const keptOf = ({ clientId, principal }: Session, will: ConnectWill) => ({
    clientId,
    message: messageOf(will),
    owner: principal,
    ...(will.delaySeconds && { delaySeconds: will.delaySeconds }),
    ...(will.expirySeconds !== undefined && { expirySeconds: will.expirySeconds }),
  })
  const willOf = (session: Session, will: ConnectWill): Write => ({ kind: 'will', will: keptOf(session, will) })
  const keep = (session: Session, will: ConnectWill): void =>
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
  function send(session: Session, connectWill: ConnectWill): void {
    const { expirySeconds, payload } = connectWill
    const expiresAtMs = expirySeconds === undefined ? {} : { expiresAtMs: now() + expirySeconds * 1000 }
    const will: Published = { ...messageOf(connectWill), ...expiresAtMs, payload }
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

  /** Sends it, or has it wait for its time. A session that goes on by then has not ended. */
  function sendWhenDue(session: Session, will: ConnectWill): void {
    const delaySeconds = Math.min(will.delaySeconds ?? 0, outlivesBySeconds(session))
    if (delaySeconds === 0 || session.revokedFrom !== undefined) send(session, will)
    else if (isContinued(session)) forget(session)
    else if (keepers.get(session.clientId) !== session || before.has(session)) send(session, will)
    else {
      keepers.delete(session.clientId)
      due.delay({ ...keptOf(session, will), dueAtMs: now() + delaySeconds * 1000 })
    }
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
      if (session.reader.isStored) due.cancel(clientId) // it goes on; another session by this id, a guest's say, cancels nothing
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
        if (session.ready && !session.stream.saidGoodbye) sendWhenDue(session, will)
        else forget(session)
      } catch (cause) {
        onFault('sending a will', cause)
      }
      passOn(session)
    },
  }
}

const messageOf = ({ topic, payload, qos, retain, properties }: ConnectWill): Message => ({
  topic,
  payload,
  qos,
  retain,
  ...(properties && { properties }),
})
