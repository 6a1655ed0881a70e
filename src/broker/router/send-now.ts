import type { Message } from '../../domain/message.ts'
import type { Qos } from '../../domain/qos.ts'
import type { Session } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import { CleanOutbox } from './clean-outbox.ts'
import type { SendMessage } from './send-message.ts'

/** Sends to a session for which nothing is kept: at QoS 0 when it has room, at QoS 1 and 2 when the message's turn comes. */
export type SendNow = (session: Session, message: Message, qos: Qos, flags: PublishFlags) => void

export const createSendNow =
  (send: SendMessage): SendNow =>
  (session, message, qos, flags) => {
    const { outbox, stream } = session
    if (qos > 0) {
      if (outbox instanceof CleanOutbox) outbox.deliver(message, qos === 1 ? 1 : 2, flags)
    } else if (stream.isFull) stream.counts.missed++
    else send(session, message, flags)
  }
