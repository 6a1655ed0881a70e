import { decideSubscribe } from '../../domain/policy.ts'
import type { Routes } from '../router/routes.ts'
import { followedTopic } from './followed-topic.ts'
import { rederive, standingFor } from './following.ts'
import type { Session } from './session.ts'

/**
 * Keeps what a session has subscribed in step with what it may see. To be called when it opens, when its principal or grants changed, and when
 * it has subscribed or unsubscribed what it follows. The policy refuses deliveries at once when a grant goes; this takes the subscriptions away,
 * and sends what is retained for those that came. `followedNow`: followed filters that were just subscribed, whose retained messages are due.
 */
export type Align = (session: Session, followedNow?: readonly string[]) => void

export function createAlign(parts: {
  readonly routes: Routes
  /** Removes filters from a stored session, as they are stored. */
  readonly forgetStored: (session: Session, filters: readonly string[]) => void
}): Align {
  const { routes, forgetStored } = parts

  function dropDisallowed(session: Session): void {
    const { asked, followed } = session.reader
    const gone: string[] = []
    for (const [filter, subscription] of asked) {
      const decision = decideSubscribe(session, filter)
      if (decision.allowed && !decision.follows) continue
      asked.delete(filter)
      routes.remove(subscription)
      gone.push(filter)
    }
    for (const filter of followed.keys()) {
      if (decideSubscribe(session, filter).follows) continue
      followed.delete(filter)
      gone.push(followedTopic(filter))
    }
    if (gone.length > 0 && session.reader.isStored) forgetStored(session, gone)
  }

  return (session, followedNow = []) => {
    const { reader, client, principal } = session
    if (client.closed || !session.ready || reader.session !== session) return
    dropDisallowed(session)
    const added = rederive(routes, reader, principal).filter(({ filter }) => !reader.asked.has(filter))
    const due = new Set([...added, ...standingFor(reader, principal, followedNow)])
    if (due.size > 0) session.feed?.add([...due])
  }
}
