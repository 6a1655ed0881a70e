import type { Client, Subscription } from 'aedes'
import type { Events } from '../../domain/events.ts'
import type { RestoredSubscription } from '../../domain/mqtt-store.ts'
import { decideSubscribe } from '../../domain/policy.ts'
import type { LiveDelivery } from '../routing/live-delivery.ts'
import { type Alignment, qosInAedes } from './alignment.ts'
import { followedFilterOf, followedTopic } from './followed-topic.ts'
import { plainFilter } from './repeated-filters.ts'
import { originOf, type Qos, type Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { StoredSessions } from './stored-sessions.ts'

export interface SubscriptionsOptions {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly live: LiveDelivery
  readonly events: Events
  readonly filtersPerSession: number
  /** Of them, how many may be followed ones: each stands for a filter on every device. */
  readonly followedPerSession: number
  readonly filtersPerPacket: number
  readonly alignment: Alignment
  /** Removes filters from a stored session (clean session off). */
  readonly forgetStored: (session: Session, filters: string[]) => Promise<void>
}

/** What sessions subscribe: decides on every filter of a SUBSCRIBE, and of a stored session that comes back, and keeps their books. */
export function createSubscriptions({
  sessions,
  stored,
  live,
  events,
  filtersPerSession,
  followedPerSession,
  filtersPerPacket,
  alignment,
  forgetStored,
}: SubscriptionsOptions) {
  /** Filters of the SUBSCRIBE at hand; which one that is, the stream's reads tell, for each holds at most one (see ClientStream). */
  const inPacket = new WeakMap<Session, { readonly read: number; count: number }>()
  /** Stored filters that are not allowed any more, to be taken out of the store. */
  const refusedAtRestore = new WeakMap<Session, string[]>()

  const fault = (cause: unknown) => void events.emit('fault', { where: 'subscriptions', cause })

  function decide(session: Session, filter: string) {
    const decision = decideSubscribe(session, filter)
    const known = session.asked.has(filter) || session.followed.has(filter)
    const full =
      session.asked.size + session.followed.size >= filtersPerSession ||
      (decision.follows && session.followed.size >= followedPerSession)
    return decision.allowed && !known && full ? { allowed: false, rule: 'too-many-filters' } : decision
  }

  /** Counts a filter of the SUBSCRIBE at hand; true, and one line in the log, when it holds too many. */
  function isPacketFull(session: Session): boolean {
    const { reads } = session.stream
    const known = inPacket.get(session)
    const packet = known?.read === reads ? known : { read: reads, count: 0 }
    inPacket.set(session, packet)
    packet.count++
    if (packet.count === filtersPerPacket + 1) {
      events.emit('subscribe-refused', { ...originOf(session), topic: '', rule: 'too-many-filters-in-packet' })
    }
    return packet.count > filtersPerPacket
  }

  /** Aedes' `authorizeSubscribe`. Null is SUBACK 0x80. */
  function authorize(client: Client, subscription: Subscription): Subscription | null {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return null
    subscription.topic = plainFilter(subscription.topic)
    if (!session.ready) return authorizeRestored(session, subscription)
    if (alignment.isDeriving(session)) return decideSubscribe(session, subscription.topic).allowed ? subscription : null
    if (isPacketFull(session)) return null
    const { topic: filter, qos } = subscription
    const decision = decide(session, filter)
    if (!decision.allowed) {
      events.emit('subscribe-refused', { ...originOf(session), topic: filter, rule: decision.rule })
      return null
    }
    if (decision.follows) {
      session.followed.set(filter, qos)
      subscription.topic = followedTopic(filter)
    } else session.asked.set(filter, qos)
    subscription.qos = qosInAedes // the SUBACK still says what was asked
    session.forgetDecisions()
    return subscription
  }

  /** A filter of a stored session, as {@link GuardedStore} hands it over; one that is not allowed any more leaves the store. */
  function authorizeRestored(session: Session, subscription: RestoredSubscription): Subscription | null {
    const { topic, qos, askedQos } = subscription
    const followed = followedFilterOf(topic)
    const decision = decide(session, followed ?? topic)
    const allowed = decision.allowed && (decision.follows === true) === (followed !== undefined)
    if (askedQos !== undefined && !allowed)
      refusedAtRestore.set(session, [...(refusedAtRestore.get(session) ?? []), topic])
    if (!allowed) return null
    if (followed !== undefined) session.followed.set(followed, qos)
    else if (askedQos !== undefined) session.asked.set(topic, askedQos)
    const derived = stored.derivedOf(session.clientId).get(topic)
    if (derived !== undefined) session.derived.set(topic, derived)
    subscription.qos = qosInAedes
    return subscription
  }

  /** Aedes has activated `subscriptions`, and the SUBACK is written. Refused ones carry QoS 128. */
  function activated(client: Client, subscriptions: readonly { readonly topic: string; readonly qos: number }[]): void {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return
    const resend = new Map<string, Qos>()
    for (const { topic, qos } of subscriptions) {
      if (qos > 2) continue
      const followed = followedFilterOf(topic)
      if (followed === undefined) live.subscribed(session, topic)
      else resend.set(followed, 0)
    }
    if (resend.size > 0) alignment.align(session, resend)
  }

  /** The client has unsubscribed `filters`, written as it wrote them. */
  function deactivated(client: Client, filters: readonly string[]): void {
    const session = sessions.of(client)
    if (!session || client.closed) return
    for (const filter of filters) {
      session.asked.delete(filter)
      live.unsubscribed(session, filter)
      if (session.followed.delete(filter))
        client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: [followedTopic(filter)] }, nothing)
      session.derived.delete(filter) // still followed? then align subscribes it again
    }
    session.forgetDecisions()
    alignment.align(session)
  }

  /** A stored session was restored: catches up with grants that changed meanwhile. */
  function restored(session: Session): void {
    session.ready = true
    for (const filter of new Set([...session.asked.keys(), ...session.derived.keys()])) live.subscribed(session, filter)
    const refused = refusedAtRestore.get(session)
    if (refused) void forgetStored(session, refused).catch(fault)
    if (session.followed.size > 0) alignment.align(session)
  }

  /** The session has ended: nothing is delivered to it any more. */
  function ended(session: Session): void {
    for (const filters of [session.asked, session.derived]) {
      for (const filter of filters.keys()) live.unsubscribed(session, filter)
    }
  }

  return { authorize, activated, deactivated, restored, ended }
}

const nothing = () => {}

/** The QoS at which a filter of a session is to be stored: what was asked. Undefined for one that was refused or is only derived. */
export function storedQos(session: Session, topic: string): Qos | undefined {
  const followed = followedFilterOf(topic)
  return followed === undefined ? session.asked.get(topic) : session.followed.get(followed)
}
