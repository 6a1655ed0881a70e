import { type NotificationKind, topics } from '../../protocol/topics.ts'
import type { Session } from './session.ts'

/** Publishes to this one connection, whoever else might subscribe the topic. `qos` is capped by the session's own subscription. */
export function sendTo(session: Session, topic: string, body: unknown): void {
  const { client } = session
  if (client.closed) return
  const maxQos = session.deliveryDecision(topic).maxQos ?? 0
  const payload = Buffer.from(JSON.stringify(body))
  client.publish({ cmd: 'publish', topic, payload, qos: maxQos > 0 ? 1 : 0, retain: false, dup: false }, () => {})
}

/** Tells a session something on `notify/{clientId}/{kind}`. */
export const notify = (session: Session, kind: NotificationKind, body: unknown): void =>
  sendTo(session, topics.notify(session.clientId, kind), body)

/** Ends a session for `reason`; the first reason given is the one in the log. What was written to it still goes out. */
export function closeSession(session: Session, reason: string): void {
  session.closeReason ??= reason
  session.client.close()
}
