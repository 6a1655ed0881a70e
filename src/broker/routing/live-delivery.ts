import { createSubscriptionIndex } from '../../domain/subscription-index.ts'
import type { Session } from '../session/session.ts'
import { encodePublish } from './encode-publish.ts'
import type { MessagePath } from './message-tap.ts'

/** Delivers QoS 0 messages straight from publisher to subscribers, within the turn they arrived in. */
export interface LiveDelivery {
  /** To be called when a filter became, or is no longer, active for a session. */
  subscribed(session: Session, filter: string): void
  unsubscribed(session: Session, filter: string): void
  /** Every session with a filter that matches. */
  readersOf(topic: string): readonly Session[]
  /** Writes the message to every session whose filters match and whom the policy allows it. */
  deliver(topic: string, payload: Buffer | string): void
}

/**
 * The short lane of the message path: one look-up, one remembered decision a reader, and the same encoded bytes for all of them.
 * A reader that is behind misses the message, as QoS 0 allows.
 */
export function createLiveDelivery(path: Pick<MessagePath, 'delivering'>): LiveDelivery {
  const index = createSubscriptionIndex<Session>()
  return {
    subscribed: (session, filter) => index.add(filter, session),
    unsubscribed: (session, filter) => index.remove(filter, session),
    readersOf: index.match,
    deliver(topic, payload) {
      let bytes: Buffer | undefined
      for (const session of index.match(topic)) {
        if (!session.deliveryDecision(topic).allowed) continue
        if (session.stream.isFull) {
          session.stream.counts.missed++
          continue
        }
        bytes ??= encodePublish(topic, payload)
        session.stream.counts.messagesOut++
        session.stream.write(bytes)
        path.delivering(session, topic, payload)
      }
    },
  }
}
