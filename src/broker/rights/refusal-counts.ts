import type { Clock } from '../../domain/request.ts'
import type { BrokerLimits } from '../limits.ts'
import type { Closings } from '../sessions/closings.ts'
import type { Session } from '../sessions/session.ts'

/** Counts the refusals of a session. Too many in a minute are an attack or a bug; either way the session ends. */
export interface RefusalCounts {
  /** A publish was refused: `limits.refusedPublishesPerMinute`. */
  publish(session: Session): void
  /** No filter of a SUBSCRIBE was granted: `limits.refusedSubscribesPerMinute`. */
  subscribe(session: Session): void
}

const windowMs = 60_000

export function createRefusalCounts(parts: {
  readonly limits: Pick<BrokerLimits, 'refusedPublishesPerMinute' | 'refusedSubscribesPerMinute'>
  readonly closings: Closings
  readonly now: Clock
}): RefusalCounts {
  const { limits, closings, now } = parts

  function count(session: Session, what: 'publishes' | 'subscribes', most: number): void {
    const { refusedAtMs } = session
    const since = now() - windowMs
    refusedAtMs[what] = [...refusedAtMs[what].filter(atMs => atMs > since), now()]
    if (refusedAtMs[what].length >= most) closings.end([session], `too-many-refused-${what}`)
  }

  return {
    publish: session => count(session, 'publishes', limits.refusedPublishesPerMinute),
    subscribe: session => count(session, 'subscribes', limits.refusedSubscribesPerMinute),
  }
}
