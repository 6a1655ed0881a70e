import type { Session } from '../sessions/session.ts'
import { encodePublish, type PublishFlags } from '../transport/packets/encode-publish.ts'
import type { MessagePath } from './message-tap.ts'

/** Writes a PUBLISH to one connection, counts it, and shows it to the tap. */
export type SendMessage = (session: Session, topic: string, payload: Buffer | string, flags?: PublishFlags) => void

export const createSendMessage =
  (path: Pick<MessagePath, 'delivering'>): SendMessage =>
  (session, topic, payload, flags) => {
    session.stream.counts.messagesOut++
    session.stream.write(encodePublish(topic, payload, flags))
    path.delivering(session, topic, payload, flags?.handshake?.qos ?? 0)
  }
