import { type NotificationKind, topics } from '../../protocol/topics.ts'
import { Publication } from '../transport/packets/publication.ts'
import type { Session } from './session.ts'

/**
 * Publishes a reply or a notification to this one connection, if it has subscribed to the topic [MQTT-3.3.2-3], at QoS 0. It is sent on this connection or
 * not at all, and never queued or stored: a reply may hold a token. A client that sends requests and does not read is closed. True when it was written.
 */
export function sendTo(session: Session, topic: string, body: unknown): boolean {
  if (!session.ready || session.client.closed || !session.reader.asked.hears(topic)) return false
  if (session.stream.isFull) {
    closeSession(session, 'slow-reader')
    return false
  }
  return session.stream.publish(new Publication({ topic, payload: JSON.stringify(body) }))
}

/** Tells a session something on `notify/{clientId}/{kind}`. */
export const notify = (session: Session, kind: NotificationKind, body: unknown): void =>
  void sendTo(session, topics.notify(session.clientId, kind), body)

/** Ends a session for `reason`; the first reason given is the one in the log. What was written to it is still sent. */
export function closeSession(session: Session, reason: string): void {
  session.closeReason ??= reason
  session.stream.sayFarewell({ rule: session.closeReason })
  session.client.close()
}
