import { isExpired } from '../../domain/message.ts'
import type { Clock } from '../../domain/request.ts'
import type { Session } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import { Publication, type Published } from '../transport/packets/publication.ts'
import type { MessagePath } from './message-tap.ts'

/** Writes a message to one connection, and shows it to the tap. False when it has expired, or is larger than the client accepts: then it is not sent. */
export type SendMessage = (session: Session, message: Published, flags?: PublishFlags) => boolean

export const createSendMessage =
  (path: Pick<MessagePath, 'delivering'>, now: Clock): SendMessage =>
  (session, message, flags) => {
    if (message.expiresAtMs !== undefined && isExpired(message, now())) return false
    const isSent = session.stream.publish(new Publication(message), flags)
    if (isSent) path.delivering(session, message.topic, message.payload, flags?.handshake?.qos ?? 0)
    return isSent
  }
