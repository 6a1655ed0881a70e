import { type NotificationKind, topics } from '../../protocol/topics.ts'
import { encodePublish } from '../router/encode-publish.ts'
import type { Session } from './session.ts'

/**
 * Publishes to this one connection, whoever else might subscribe the topic, at QoS 0: it leaves on the connection that it is for or not at
 * all, is never queued or stored (a reply may hold a token), and takes no number that Aedes would compare with a message's. Who asks and does not
 * read is closed.
 */
export function sendTo(session: Session, topic: string, body: unknown): void {
  if (!session.ready || session.client.closed || !session.deliveryDecision(topic).allowed) return
  if (session.stream.isFull) closeSession(session, 'slow-reader')
  else {
    session.stream.counts.messagesOut++
    session.stream.write(encodePublish(topic, JSON.stringify(body)))
  }
}

/** Tells a session something on `notify/{clientId}/{kind}`. */
export const notify = (session: Session, kind: NotificationKind, body: unknown): void =>
  sendTo(session, topics.notify(session.clientId, kind), body)

/** Ends a session for `reason`; the first reason given is the one in the log. What was written to it still goes out. */
export function closeSession(session: Session, reason: string): void {
  session.closeReason ??= reason
  session.client.close()
}
