import { decideSubscribe } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Routes } from '../router/routes.ts'
import type { Turns } from '../router/turns.ts'
import { followedTopic } from '../sessions/following/followed-topic.ts'
import { rederive, standingFor } from '../sessions/following/following.ts'
import type { Session, SessionSubscription } from '../sessions/session.ts'

/**
 * Keeps the subscriptions of a session in step with what it may see. To be called when it opens, when its principal or grants have changed, and when it has
 * subscribed to a followed filter or unsubscribed from one. When a grant ends, the policy refuses deliveries at once; this removes the subscriptions, over as
 * many turns as needed, and sends the retained messages for new ones. `followedNow`: followed filters that were just subscribed to, whose retained messages
 * are due.
 */
export type Align = (session: Session, followedNow?: readonly string[]) => void

/** The filters that a session has asked for, while the policy is asked about each. */
interface Check {
  readonly principal: Principal
  readonly left: Iterator<[string, SessionSubscription], undefined>
}

const checkedPerStep = 64

export function createAlign(parts: {
  readonly routes: Routes
  readonly turns: Turns
  /** Removes filters from a stored session, as they are stored. */
  readonly forgetStored: (session: Session, filters: readonly string[]) => void
}): Align {
  const { routes, turns, forgetStored } = parts
  const checks = new WeakMap<Session, Check>()

  const isCurrent = (session: Session): boolean =>
    !session.client.closed && session.ready && session.reader.session === session

  /** Drops what the session asked for and may not have any more. What it asks for later is decided then. */
  function checkAsked(session: Session): void {
    const { principal, reader } = session
    if (checks.get(session)?.principal === principal) return
    const check = { principal, left: reader.asked.entries() }
    checks.set(session, check)
    const step = () => checks.get(session) === check && isCurrent(session) && checkSome(session, check)
    if (step()) turns.run(step)
  }

  /** True when there are more. */
  function checkSome(session: Session, { left }: Check): boolean {
    const gone: string[] = []
    let checked = 0
    for (let next = left.next(); !next.done; next = left.next()) {
      const [filter, subscription] = next.value
      const decision = decideSubscribe(session, filter)
      if (!decision.allowed || decision.follows) {
        session.reader.asked.delete(filter)
        routes.remove(subscription)
        gone.push(filter)
      }
      if (++checked === checkedPerStep) break
    }
    forget(session, gone)
    return checked === checkedPerStep
  }

  function forget(session: Session, filters: readonly string[]): void {
    if (filters.length > 0 && session.reader.isStored) forgetStored(session, filters)
  }

  function dropFollowed(session: Session): void {
    const { followed } = session.reader
    const gone: string[] = []
    for (const filter of followed.keys()) {
      if (decideSubscribe(session, filter).follows) continue
      followed.delete(filter)
      gone.push(followedTopic(filter))
    }
    forget(session, gone)
  }

  return (session, followedNow = []) => {
    const { reader, principal } = session
    if (!isCurrent(session)) return
    checkAsked(session)
    dropFollowed(session)
    const added = rederive(routes, reader, principal).filter(({ filter }) => !reader.asked.has(filter))
    const due = new Set([...added, ...standingFor(reader, principal, followedNow)])
    if (due.size > 0) session.feed?.add([...due])
  }
}
