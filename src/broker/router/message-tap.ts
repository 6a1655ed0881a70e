import type { MessageTap, TappedMessages } from '../../domain/message-tap.ts'
import type { Session } from '../sessions/session.ts'

interface Packet {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: number
  readonly retain: boolean
}

/** Shows the tap what passes on the message path. It uses the session's remembered decisions, and changes nothing. */
export interface MessagePath extends TappedMessages {
  publishing(session: Session | undefined, packet: Packet): void
  delivering(session: Session | undefined, topic: string, payload: Buffer | string, qos?: number): void
}

export function createMessagePath(): MessagePath {
  let tap: MessageTap | undefined
  function publishing(session: Session | undefined, packet: Packet): void {
    if (!tap || !session) return
    const { allowed, rule } = session.publishDecision(packet.topic, packet.retain)
    const { topic, payload, qos, retain } = packet
    if (allowed) tap.published(session, { topic, payload, qos, retain, rule })
  }
  return {
    tapMessages(next) {
      tap = next
    },
    publishing,
    delivering(session, topic, payload, qos = 0) {
      if (!tap || !session) return
      tap.delivered(session, { topic, payload, qos, retain: false, rule: session.deliveryDecision(topic).rule })
    },
  }
}
