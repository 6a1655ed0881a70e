import type { Events } from '../../domain/events.ts'
import { decideSubscribe } from '../../domain/policy.ts'
import type { LiveDelivery } from '../routing/live-delivery.ts'
import { derivedFilters } from './derived-filters.ts'
import { followedTopic } from './followed-topic.ts'
import { closeSession } from './notify.ts'
import type { Qos, Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { StoredSessions } from './stored-sessions.ts'

export interface AlignmentOptions {
  readonly sessions: SessionTable
  readonly stored: StoredSessions
  readonly live: LiveDelivery
  readonly events: Events
  /** Removes filters from a stored session (clean session off). */
  readonly forgetStored: (session: Session, filters: string[]) => Promise<void>
}

export type Alignment = ReturnType<typeof createAlignment>

/**
 * Every filter stands in Aedes at QoS 2, and the delivery guard lowers each message to the highest QoS among the session's filters that match
 * it: so which of several Aedes happens to take first is all the same.
 */
export const qosInAedes: Qos = 2

/**
 * Keeps what a session has subscribed in step with what it may see: filters that are not allowed any more go, and the exact filters that
 * a user's wildcards over devices stand for come and go with the user's grants. The policy refuses deliveries at once when a grant goes;
 * taking the subscription away follows.
 */
export function createAlignment({ sessions, stored, live, events, forgetStored }: AlignmentOptions) {
  /** The session whose derived filters are being subscribed by us right now, within this call. */
  let deriving: Session | undefined
  const alignments = new WeakMap<Session, Promise<void>>()

  const fault = (cause: unknown) => void events.emit('fault', { where: 'subscriptions', cause })

  /** To be called when the session's principal or grants changed. `resend`: followed filters whose retained messages are due again. */
  function align(session: Session, resend: ReadonlyMap<string, Qos> = new Map()): void {
    const release = session.stream.hold() // the client's next SUBSCRIBE must not meet ours half-way
    const before = alignments.get(session) ?? Promise.resolve()
    const after = before.then(() => alignNow(session, resend)).catch(fault)
    alignments.set(session, after.finally(release))
  }

  async function alignNow(session: Session, resend: ReadonlyMap<string, Qos>): Promise<void> {
    if (session.client.closed || !session.ready) return
    const gone = dropDisallowed(session)
    const { due, unwanted } = rederive(session, resend)
    session.forgetDecisions()
    if (sessions.byClientId(session.clientId) === session) stored.follow(session.clientId, session.followed)
    for (const filter of [...gone, ...unwanted]) live.unsubscribed(session, filter)
    if (due.length > 0) await subscribeDerived(session, due) // first: what is followed is kept from here on, and must be delivered too
    if (gone.length + unwanted.length > 0) {
      await new Promise<void>(resolve =>
        session.client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: [...gone, ...unwanted] }, () => resolve()),
      )
    }
    if (gone.length > 0) {
      const release = session.stream.hold()
      void forgetStored(session, gone).catch(fault).finally(release)
    }
  }

  /** Brings the derived filters in step, and says which of them Aedes must be given, and which be taken. */
  function rederive(session: Session, resend: ReadonlyMap<string, Qos>) {
    const wanted = derivedFilters(session.principal, session.followed)
    const again = derivedFilters(session.principal, resend)
    const unwanted: string[] = []
    for (const filter of session.derived.keys()) {
      if (wanted.has(filter)) continue
      session.derived.delete(filter)
      if (!session.asked.has(filter)) unwanted.push(filter)
    }
    const due: string[] = []
    for (const [filter, qos] of wanted) {
      if (again.has(filter) || !(session.derived.has(filter) || session.asked.has(filter))) due.push(filter)
      session.derived.set(filter, qos)
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
  function subscribeDerived(session: Session, due: readonly string[]): Promise<void> {
    const subscriptions = due.map(topic => ({ topic, qos: qosInAedes }))
    return new Promise(resolve => {
      deriving = session
      try {
        session.client.subscribe(subscriptions, (error?: Error | null) => {
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

  return { align, isDeriving: (session: Session) => deriving === session }
}
