import type { Client, Subscription } from 'aedes'
import type { Events } from '../../domain/events.ts'
import { decideSubscribe, followedFilters } from '../../domain/policy.ts'
import { isSubset } from '../../protocol/topic-filter.ts'
import type { LiveDelivery } from '../routing/live-delivery.ts'
import { followedFilterOf, followedTopic } from './followed-topic.ts'
import type { Qos, Session } from './session.ts'
import type { SessionTable } from './session-table.ts'

export interface SubscriptionsOptions {
  readonly sessions: SessionTable
  readonly live: LiveDelivery
  readonly events: Events
  readonly filtersPerSession: number
  /** Filters of one session that are looked at within one turn of the event loop, which is one SUBSCRIBE. */
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
  live,
  events,
  filtersPerSession,
  filtersPerPacket,
  forgetStored,
}: SubscriptionsOptions) {
  /** Sessions whose derived filters are being subscribed by us right now, within this call. */
  let deriving: Session | undefined
  const alignments = new WeakMap<Session, Promise<void>>()
  const inThisTurn = new Map<Session, number>()
  /** Stored filters that are not allowed any more, to be taken out of the store. */
  const refusedAtRestore = new WeakMap<Session, string[]>()

  const fault = (cause: unknown) => void events.emit('fault', { where: 'subscriptions', cause })

  function decide(session: Session, filter: string) {
    const decision = decideSubscribe(session, filter)
    const known = session.asked.has(filter) || session.followed.has(filter)
    const full = session.ready && session.asked.size + session.followed.size >= filtersPerSession
    return decision.allowed && !known && full ? { allowed: false, rule: 'too-many-filters' } : decision
  }

  /** Counts a filter of the SUBSCRIBE at hand; true, and one line in the log, when it holds too many. */
  function isPacketFull(session: Session): boolean {
    const count = (inThisTurn.get(session) ?? 0) + 1
    if (count === 1) setImmediate(() => inThisTurn.delete(session))
    inThisTurn.set(session, count)
    if (count === filtersPerPacket + 1) {
      events.emit('subscribe-refused', { ...originOf(session), topic: '', rule: 'too-many-filters-in-packet' })
    }
    return count > filtersPerPacket
  }

  /** Aedes' `authorizeSubscribe`. Null is SUBACK 0x80. */
  function authorize(client: Client, subscription: Subscription): Subscription | null {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return null
    if (session.ready && deriving !== session && isPacketFull(session)) return null
    const restored = session.ready ? undefined : followedFilterOf(subscription.topic)
    const filter = restored ?? subscription.topic
    const decision = decide(session, filter)
    if (!decision.allowed) {
      if (session.ready) events.emit('subscribe-refused', { ...originOf(session), topic: filter, rule: decision.rule })
      else refusedAtRestore.set(session, [...(refusedAtRestore.get(session) ?? []), subscription.topic])
      return null
    }
    if (deriving === session) return subscription
    if (decision.follows) {
      session.followed.set(filter, subscription.qos)
      subscription.topic = followedTopic(filter)
    } else session.asked.set(filter, subscription.qos)
    session.forgetDecisions()
    return subscription
  }

  /** Aedes has activated `subscriptions`, and the SUBACK is written. Refused ones carry QoS 128. */
  function activated(client: Client, subscriptions: readonly { readonly topic: string; readonly qos: number }[]): void {
    const session = sessions.of(client)
    if (!session || session.stream.destroyed) return
    const resend: string[] = []
    for (const { topic, qos } of subscriptions) {
      if (qos > 2) continue
      const followed = followedFilterOf(topic)
      if (followed === undefined) live.subscribed(session, topic)
      else resend.push(followed)
    }
    if (resend.length > 0) align(session, resend)
  }

  /** The client has unsubscribed `filters`, written as it wrote them. */
  function deactivated(client: Client, filters: readonly string[]): void {
    const session = sessions.of(client)
    if (!session || client.closed) return
    for (const filter of filters) {
      session.asked.delete(filter)
      live.unsubscribed(session, filter)
      if (session.followed.delete(filter))
        client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: [followedTopic(filter)] })
      session.derived.delete(filter) // still followed? then align subscribes it again
    }
    session.forgetDecisions()
    align(session)
  }

  /** A stored session was restored: tells followed from exact filters again, and catches up with grants that changed meanwhile. */
  function restored(session: Session): void {
    session.ready = true
    for (const [filter, qos] of session.asked) {
      live.subscribed(session, filter)
      if (![...session.followed.keys()].some(followed => isSubset(filter, followed))) continue
      session.asked.delete(filter)
      session.derived.set(filter, qos)
    }
    const refused = refusedAtRestore.get(session)
    if (refused) void forgetStored(session, refused).catch(fault)
    if (session.followed.size > 0) align(session)
  }

  /** To be called when the session's principal or grants changed. `resend`: followed filters whose retained messages are due again. */
  function align(session: Session, resend: readonly string[] = []): void {
    const before = alignments.get(session) ?? Promise.resolve()
    const after = before.then(() => alignNow(session, resend)).catch(fault)
    alignments.set(session, after)
  }

  async function alignNow(session: Session, resend: readonly string[]): Promise<void> {
    if (session.client.closed) return
    const gone = dropDisallowed(session)
    const wanted = wantedFilters(session)
    for (const filter of session.derived.keys()) {
      if (wanted.has(filter)) continue
      session.derived.delete(filter)
      if (!session.asked.has(filter)) gone.push(filter)
    }
    const due: { topic: string; qos: Qos }[] = []
    for (const [topic, qos] of wanted) {
      if (session.derived.get(topic) !== qos || resend.some(filter => isSubset(topic, filter))) due.push({ topic, qos })
      session.derived.set(topic, qos)
    }
    session.forgetDecisions()
    for (const filter of gone) live.unsubscribed(session, filter)
    if (gone.length > 0) {
      await new Promise<void>(resolve =>
        session.client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: gone }, () => resolve()),
      )
      await forgetStored(session, gone)
    }
    if (due.length > 0) await subscribeDerived(session, due)
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

  function subscribeDerived(session: Session, due: { topic: string; qos: Qos }[]): Promise<void> {
    return new Promise(resolve => {
      deriving = session
      try {
        session.client.subscribe(due, () => resolve())
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

  return { authorize, activated, deactivated, restored, align, ended, isGranted }
}

/** Whether a filter of an open session was granted: only these may be stored. */
function isGranted(session: Session, topic: string): boolean {
  const followed = followedFilterOf(topic)
  return followed === undefined
    ? session.asked.has(topic) || session.derived.has(topic)
    : session.followed.has(followed)
}

/** What the exact filters stand for: every followed filter on every device the user may reach. */
function wantedFilters(session: Session): Map<string, Qos> {
  const wanted = new Map<string, Qos>()
  if (session.principal.kind !== 'user') return wanted
  for (const [followed, qos] of session.followed) {
    for (const [deviceId, role] of session.principal.grants) {
      for (const filter of followedFilters(followed, deviceId, role)) {
        const other = wanted.get(filter)
        wanted.set(filter, other !== undefined && other > qos ? other : qos)
      }
    }
  }
  return wanted
}

/** The part of a session that events carry. */
export const originOf = ({ clientId, address, principal }: Session) => ({ clientId, address, principal })
