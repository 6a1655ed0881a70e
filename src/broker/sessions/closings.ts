import { closeSession } from './notify.ts'
import type { Session } from './session.ts'

/** Closes sessions, also thousands at once. */
export interface Closings {
  /** Closes the sessions for `reason`: a few at once, or many over several turns of the event loop. Nothing more is read from those that wait. */
  end(sessions: readonly Session[], reason: string): void
}

/** Closing one costs a tenth of a millisecond and more, with its will and its line in the log. */
const closedPerTurn = 8

/** `nextTurn` calls a function in the next turn of the event loop. */
export function createClosings(nextTurn: (act: () => void) => void = setImmediate): Closings {
  const waiting = new Map<Session, string>()
  let closedNow = 0
  let isArmed = false

  function close(session: Session, reason: string): void {
    arm()
    closedNow++
    closeSession(session, reason)
  }

  function arm(): void {
    if (isArmed) return
    isArmed = true
    nextTurn(() => {
      isArmed = false
      closedNow = 0
      for (const [session, reason] of waiting) {
        if (closedNow >= closedPerTurn) break
        waiting.delete(session)
        if (!session.client.closed) close(session, reason)
      }
      if (waiting.size > 0) arm()
    })
  }

  function wait(session: Session, reason: string): void {
    arm()
    session.closeReason ??= reason
    session.stream.hold() // never released again
    waiting.set(session, reason)
  }

  return {
    end(sessions, reason) {
      const areFew = waiting.size === 0 && closedNow + sessions.length <= closedPerTurn
      for (const session of sessions) {
        if (session.client.closed || waiting.has(session)) continue
        if (areFew) close(session, reason)
        else wait(session, reason)
      }
    },
  }
}
