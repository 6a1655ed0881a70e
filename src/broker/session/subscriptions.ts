import type { Client, Subscription } from 'aedes'
import type { Events } from '../../domain/events.ts'
import type { RestoredSubscription } from '../../domain/mqtt-store.ts'
import { decideSubscribe } from '../../domain/policy.ts'
import type { LiveDelivery } from '../routing/live-delivery.ts'
import { derivedFilters, maxQos } from './derived-filters.ts'
import { followedFilterOf, followedTopic } from './followed-topic.ts'
import { closeSession } from './notify.ts'
import type { Qos, Session } from './session.ts'
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
  /** Removes filters from a stored session (clean session off). */
  readonly forgetStored: (session: Session, filters: string[]) => Promise<void>
}

/**
 * What sessions subscribe: decides on SUBSCRIBE, and keeps the exact subscriptions that a user's wildcards over devices stand for in
 * step with the user's grants. The policy refuses deliveries at once when a grant goes; taking the subscription away follows.
 */
export function createSubscriptions({
  sessions,
  stored,
  live,
  events,
  filtersPerSession,
  followedPerSession,
  filtersPerPacket,
  forgetStored,
}: SubscriptionsOptions) {
  /** Sessions whose derived filters are being subscribed by us right now, within this call. */
  let deriving: Session | undefined
  const alignments = new WeakMap<Session, Promise<void>>()
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
    if (!session.ready) return authorizeRestored(session, subscription)
    if (deriving === session) return decideSubscribe(session, subscription.topic).allowed ? subscription : null
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
    } else {
      session.asked.set(filter, qos)
      subscription.qos = maxQos(qos, session.derived.get(filter)) // the SUBACK still says what was asked
    }
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
    if (resend.size > 0) align(session, resend)
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
    align(session)
  }

  /** A stored session was restored: catches up with grants that changed meanwhile. */
  function restored(session: Session): void {
    session.ready = true
    for (const filter of new Set([...session.asked.keys(), ...session.derived.keys()])) live.subscribed(session, filter)
    const refused = refusedAtRestore.get(session)
    if (refused) void forgetStored(session, refused).catch(fault)
    if (session.followed.size > 0) align(session)
  }

  /** To be called when the session's principal or grants changed. `resend`: followed filters whose retained messages are due again. */
  function align(session: Session, resend: ReadonlyMap<string, Qos> = new Map()): void {
    const before = alignments.get(session) ?? Promise.resolve()
    const after = before.then(() => alignNow(session, resend)).catch(fault)
    alignments.set(session, after)
  }

  async function alignNow(session: Session, resend: ReadonlyMap<string, Qos>): Promise<void> {
    if (session.client.closed || !session.ready) return
    const gone = dropDisallowed(session)
    const { due, unwanted } = rederive(session, resend)
    session.forgetDecisions()
    if (sessions.byClientId(session.clientId) === session) stored.follow(session.clientId, session.followed)
    for (const filter of [...gone, ...unwanted]) live.unsubscribed(session, filter)
    if (gone.length + unwanted.length > 0) {
      await new Promise<void>(resolve =>
        session.client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: [...gone, ...unwanted] }, () => resolve()),
      )
    }
    if (gone.length > 0) await forgetStored(session, gone).catch(fault)
    if (due.length > 0) await subscribeDerived(session, due)
  }

  /**
   * Brings the derived filters in step, and says what Aedes must be told: a filter that is both asked and derived is one subscription
   * there, at the higher QoS of the two.
   */
  function rederive(session: Session, resend: ReadonlyMap<string, Qos>) {
    const wanted = derivedFilters(session.principal, session.followed)
    const again = derivedFilters(session.principal, resend)
    const due: { topic: string; qos: Qos }[] = []
    const unwanted: string[] = []
    for (const [filter, qos] of session.derived) {
      if (wanted.has(filter)) continue
      const asked = session.asked.get(filter)
      if (asked === undefined) unwanted.push(filter)
      else if (asked < qos) due.push({ topic: filter, qos: asked })
      session.derived.delete(filter)
    }
    for (const [filter, qos] of wanted) {
      const asked = session.asked.get(filter)
      const before = session.derived.get(filter)
      session.derived.set(filter, qos)
      const has = maxQos(qos, asked)
      const had = before === undefined ? asked : maxQos(before, asked)
      if (had !== has || again.has(filter)) due.push({ topic: filter, qos: has })
    }
    return { due, unwanted }
  }

  function dropDisallowed(session: Session): string[] {
    const gone: string[] = []
    for (const filter of session.asked.keys()) {
      const decision = decideSubscribe(session, filter)
      if (decision.allowed && !decision.follows) continue
      session.asked.delete(filter)
      gone.push(filter)
    }
    for (const filter of session.followed.keys()) {
      if (decideSubscribe(session, filter).follows) continue
      session.followed.delete(filter)
      gone.push(followedTopic(filter))
    }
    return gone
  }

  /** A session that cannot be given what it is owed is closed: its client connects anew and is given it then. */
  function subscribeDerived(session: Session, due: { topic: string; qos: Qos }[]): Promise<void> {
    return new Promise(resolve => {
      deriving = session
      try {
        session.client.subscribe(due, (error?: Error | null) => {
          if (error) {
            fault(error)
            closeSession(session, 'subscriptions-failed')
          }
          resolve()
        })
      } finally {
        deriving = undefined
      }
    })
  }

  /** The session has ended: nothing is delivered to it any more. */
  function ended(session: Session): void {
    for (const filters of [session.asked, session.derived]) {
      for (const filter of filters.keys()) live.unsubscribed(session, filter)
    }
  }

  return { authorize, activated, deactivated, restored, align, ended }
}

const nothing = () => {}

/** The QoS at which a filter of a session is to be stored: what was asked. Undefined for one that was refused or is only derived. */
export function storedQos(session: Session, topic: string): Qos | undefined {
  const followed = followedFilterOf(topic)
  return followed === undefined ? session.asked.get(topic) : session.followed.get(followed)
}

/** The part of a session that events carry. */
export const originOf = ({ clientId, address, principal }: Session) => ({ clientId, address, principal })
