import type { Events } from '../../domain/events.ts'
import type { StoredSubscription } from '../../domain/mqtt-state/kept-sessions.ts'
import { originOf } from '../../domain/origin.ts'
import { type Decision, decideSubscribe } from '../../domain/policy.ts'
import { isShared } from '../../protocol/shared-filter.ts'
import type { AskedFilter, EngineClient } from '../engine/engine-client.ts'
import type { Routes } from '../router/routes.ts'
import { followedTopic } from '../sessions/following/followed-topic.ts'
import type { GrantedFilter, Session, SessionSubscription } from '../sessions/session.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { Align } from './alignment.ts'
import type { FilterBounds } from './filter-limits.ts'

export interface SubscriptionsOptions {
  readonly sessions: SessionTable
  readonly routes: Routes
  readonly events: Events
  /** Which filters the session may have. */
  readonly boundsOf: (session: Session) => Pick<FilterBounds, 'perSession' | 'maxLength'>
  /** How many of them may be followed filters: each stands for one filter on every device. */
  readonly followedPerSession: number
  readonly align: Align
  /** Told of a SUBSCRIBE with no filter granted. */
  readonly allRefused: (session: Session) => void
}

/** The subscriptions of sessions: decides on every filter of a SUBSCRIBE, and keeps record of what is granted. */
export function createSubscriptions({
  sessions,
  routes,
  events,
  boundsOf,
  followedPerSession,
  align,
  allRefused,
}: SubscriptionsOptions) {
  function decide(session: Session, filter: string): Decision {
    const { perSession, maxLength } = boundsOf(session)
    if (filter.length > maxLength) return { allowed: false, rule: 'filter-too-long' }
    const decision = decideSubscribe(session, filter)
    const { asked, followed } = session.reader
    const { granted } = session
    const known = [asked, followed, granted.asked, granted.followed].some(filters => filters.has(filter))
    const following = followed.size + granted.followed.size
    const full =
      asked.size + granted.asked.size + following >= perSession || (decision.follows && following >= followedPerSession)
    return decision.allowed && !known && full ? { allowed: false, rule: 'too-many-filters' } : decision
  }

  /** Whether a filter of a SUBSCRIBE is granted; SUBACK has 0x80 for the others. */
  function authorize(client: EngineClient, asked: AskedFilter): boolean {
    const session = sessions.of(client)
    if (!session?.ready || session.stream.destroyed) return false
    const { filter } = asked
    const { dialect } = session.stream
    const decision = decide(session, filter)
    if (!decision.allowed) {
      events.emit('subscribe-refused', { ...originOf(session), topic: filter, rule: decision.rule })
      dialect.refuseFilter(decision)
      return false
    }
    const kind = decision.follows ? 'followed' : 'asked'
    const isNew = !session.reader[kind].has(filter)
    const options = optionsOf({ ...asked, ...dialect.optionsOf(filter) }, isNew)
    session.granted[kind].set(filter, isShared(filter) ? { ...options, isFed: false } : options) // MQTT 5 section 4.8.2
    return true
  }

  /** The granted filters of a SUBSCRIBE, as they are to be stored. */
  function grantedOf(client: EngineClient, filters: readonly string[]): readonly StoredSubscription[] {
    const session = sessions.of(client)
    if (!session?.reader.isStored) return []
    const { asked, followed } = session.granted
    return filters.flatMap(filter => {
      const plain = asked.get(filter)
      if (plain) return [unfed(filter, plain)]
      const options = followed.get(filter)
      return options ? [unfed(followedTopic(filter), options)] : []
    })
  }

  /** SUBACK is written for `filters`, including refused ones: what was granted is active from now on. */
  function activated(client: EngineClient, filters: readonly string[]): void {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return
    const { reader, granted } = session
    const followedNow: string[] = []
    let anyGranted = false
    let anyFollowed = false
    const subscribed: SessionSubscription[] = []
    for (const filter of filters) {
      const plain = granted.asked.get(filter)
      if (plain) {
        const { isFed, ...options } = plain
        const subscription = subscribe({ reader, filter, ...options })
        anyGranted = true
        if (isFed) subscribed.push(subscription)
      }
      granted.asked.delete(filter)
      const followed = granted.followed.get(filter)
      if (followed) {
        const { isFed, ...options } = followed
        reader.followed.set(filter, { reader, filter, ...options })
        reader.hasIdentifiers ||= options.identifier !== undefined
        anyFollowed = true
        if (isFed) followedNow.push(filter)
      }
      granted.followed.delete(filter)
    }
    if (!anyGranted && !anyFollowed) allRefused(session)
    session.feed?.add(subscribed)
    if (anyFollowed) align(session, followedNow)
  }

  function subscribe(subscription: SessionSubscription): SessionSubscription {
    const { asked } = subscription.reader
    const before = asked.get(subscription.filter)
    asked.set(subscription.filter, subscription)
    subscription.reader.hasIdentifiers ||= subscription.identifier !== undefined
    routes.add(subscription)
    if (before) routes.remove(before) // the filter always has a reader, so nothing is interrupted [MQTT-3.8.4-3]
    return subscription
  }

  /** The filters of an UNSUBSCRIBE, as they are stored. */
  function storedAs(client: EngineClient, filters: readonly string[]): readonly string[] {
    const reader = sessions.of(client)?.reader
    if (!reader?.isStored) return []
    const { followed } = reader
    return [...filters, ...filters.filter(filter => followed.has(filter)).map(followedTopic)]
  }

  /** UNSUBACK is written for `filters`. */
  function deactivated(client: EngineClient, filters: readonly string[]): void {
    const session = sessions.of(client)
    if (!session || client.closed) return
    const { asked, followed } = session.reader
    let isFollowingLess = false
    for (const filter of filters) {
      const subscription = asked.get(filter)
      asked.delete(filter)
      if (subscription) routes.remove(subscription)
      if (followed.delete(filter)) isFollowingLess = true
    }
    if (isFollowingLess) align(session)
  }

  /** The connection has ended: nothing is delivered over it any more, and subscriptions that are not stored are removed. */
  function ended({ reader }: Session): void {
    if (reader.isStored) return
    routes.removeOver([...reader.asked.values(), ...reader.derived.values()])
    reader.asked.clear()
    reader.derived.clear()
  }

  return { authorize, grantedOf, activated, storedAs, deactivated, ended }
}

/** The subscription as it is stored until its retained messages have been sent. */
const unfed = (topic: string, { isFed, ...options }: GrantedFilter): StoredSubscription => ({
  topic,
  ...options,
  ...(isFed && options.qos > 0 && { unfedAfter: '' }),
})

const optionsOf = (
  { qos, noLocal, retainAsPublished, retained = 'always', identifier }: AskedFilter,
  isNew: boolean,
): GrantedFilter => ({
  qos,
  isFed: retained === 'always' || (retained === 'when new' && isNew),
  ...(noLocal && { noLocal }),
  ...(retainAsPublished && { retainAsPublished }),
  ...(identifier !== undefined && { identifier }),
})
