import type { Outcome } from '../../domain/mqtt-state/write.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { PassedMessage } from '../rights/publish-guard.ts'
import type { Seen } from '../rights/seen.ts'
import type { Router } from '../router/router.ts'
import type { Session } from '../sessions/session.ts'
import type { Reason } from '../transport/reason.ts'

/** The outcome of a message that is kept and sent to its readers. */
export interface Carried {
  /** Resolves when other nodes have taken it; missing when none has to. */
  readonly takenElsewhere?: Promise<void>
  /** What its sender may want to know, such as that nobody reads it. */
  readonly why?: Reason
}

/** Exactly one of these is called, when the outcome of a message is known. */
export interface CarriedEnds {
  readonly kept: (carried: Carried) => void
  /** Its owner has retained as much as is allowed. It was sent to nobody. */
  readonly refused: () => void
  readonly undone: (cause: unknown) => void
}

/** Carries out what a message asks for: retains it, folds a report, sends it to its readers when that is kept. */
export interface CarryMessage {
  /** For a message at QoS 1 or 2, and every will. `by`: if what it published before is not kept, this is not either. */
  kept(passed: PassedMessage, ends: CarriedEnds, by?: Session): void
  /** For a message at QoS 0: nobody waits until it is retained, and a fault of the store goes to the log. */
  unkept(session: Session, passed: PassedMessage, refused: () => void): void
}

const unread: Reason = { rule: 'no-subscribers' }

export function createCarryMessage(parts: {
  readonly commits: GroupCommit
  readonly seen: Seen
  readonly router: Pick<Router, 'routeLive' | 'plan'>
  readonly onFault: (where: string, cause: unknown) => void
}): CarryMessage {
  const { commits, seen, router, onFault } = parts
  /** How many messages at QoS 0 of each session wait until something is kept: later ones must not overtake them. */
  const waiting = new WeakMap<Session, number>()

  const retainedOf = ({ message, owner }: PassedMessage) => (message.retain ? { message, owner } : undefined)

  function route({ message, isState }: PassedMessage): void {
    const forReaders = isState ? seen(message) : message
    if (forReaders) router.routeLive(forReaders)
  }

  /** Sends it after what the session has published before. */
  function routeInOrder(session: Session, passed: PassedMessage): void {
    const before = waiting.get(session) ?? 0
    if (before === 0) {
      route(passed)
      return
    }
    const act = waitFor(session, () => route(passed))
    commits.afterCommit(act, act)
  }

  function waitFor(session: Session, act: () => void): () => void {
    waiting.set(session, (waiting.get(session) ?? 0) + 1)
    return () => {
      const left = (waiting.get(session) ?? 1) - 1
      if (left > 0) waiting.set(session, left)
      else waiting.delete(session)
      act()
    }
  }

  return {
    kept(passed, { kept, refused, undone }, by) {
      const { message, isState } = passed
      const forReaders = isState ? seen(message) : message
      const { qos } = message
      const course = forReaders && qos > 0 ? router.plan(forReaders, qos === 1 ? 1 : 2) : undefined
      const send = (given: Outcome['given']) => {
        if (course) {
          const takenElsewhere = course.kept(given)
          if (takenElsewhere) kept({ takenElsewhere })
          else kept(course.isRead ? {} : { why: unread })
          return
        }
        if (forReaders) router.routeLive(forReaders)
        kept({})
      }
      const queued = course?.queued ?? []
      if (!message.retain && queued.length === 0) {
        commits.afterCommit(() => send([]), undone, by)
        return
      }
      const retained = retainedOf(passed)
      commits.write(
        { kind: 'message', queued, ...(retained && { retained }) },
        outcome => {
          if (!outcome.refused) {
            send(outcome.given)
            return
          }
          course?.undone()
          refused()
        },
        cause => {
          course?.undone()
          undone(cause)
        },
        by,
      )
    },
    unkept(session, passed, refused) {
      const retained = retainedOf(passed)
      if (!retained) {
        routeInOrder(session, passed)
        return
      }
      let isRefused = false
      const act = waitFor(session, () => (isRefused ? refused() : route(passed)))
      commits.write(
        { kind: 'message', retained },
        outcome => {
          isRefused = outcome.refused !== undefined
          act()
        },
        cause => {
          onFault('store retained', cause)
          act()
        },
      )
    },
  }
}
