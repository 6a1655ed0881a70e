import type { Message } from '../../domain/message.ts'
import type { Qos } from '../../domain/qos.ts'
import type { Session, SessionReader } from '../sessions/session.ts'
import { encodePublish } from '../transport/packets/encode-publish.ts'
import { CleanOutbox } from './clean-outbox.ts'
import type { FanOuts, Owed } from './fan-outs.ts'
import type { MessagePath } from './message-tap.ts'
import type { Routes } from './routes.ts'
import type { SendMessage } from './send-message.ts'

/** Decides who is sent a message, and sends it. */
export interface Router {
  /**
   * Sends the message to every connection that reads its topic and may be sent it, and puts it into the queues of stored sessions, all within
   * this call and the turn's transaction. Throws with a fault of the store.
   */
  route(message: Message): void
  /** Whether the session would be sent a message on this topic. */
  reaches(session: Session, topic: string): boolean
}

/**
 * One look-up, one remembered decision a reader, and at QoS 0 the same encoded bytes for all of them. A reader that is behind misses QoS 0, as
 * it allows.
 */
export function createRouter(parts: {
  readonly routes: Routes
  readonly fanOuts: FanOuts
  readonly path: Pick<MessagePath, 'delivering'>
  readonly send: SendMessage
  /** Calls `act` when what this turn has written so far is kept; never when it is not. */
  readonly afterCommit: (act: () => void) => void
}): Router {
  const { routes, fanOuts, path, send, afterCommit } = parts

  const isReading = (session: Session | undefined, topic: string): session is Session =>
    session?.ready === true && session.deliveryDecision(topic).allowed

  function routeLive(message: Message): void {
    const { topic, payload, publisher, retain } = message
    let bytes: Buffer | undefined
    for (const { reader, noLocal, retainAsPublished } of routes.of(topic)) {
      const { session } = reader
      if (!isReading(session, topic) || (noLocal && reader.clientId === publisher)) continue
      const { stream } = session
      if (stream.isFull) {
        stream.counts.missed++
        continue
      }
      stream.counts.messagesOut++
      if (retain && retainAsPublished) stream.write(encodePublish(topic, payload, { retain }))
      else {
        bytes ??= encodePublish(topic, payload)
        stream.write(bytes)
      }
      path.delivering(session, topic, payload)
    }
  }

  function routeKept(message: Message, qos: 1 | 2): void {
    const { topic, publisher, retain } = message
    const plain = retain ? { ...message, retain: false } : message
    const owed: Owed[] = []
    const owedAsRetained: Owed[] = []
    const others: (readonly [SessionReader, Qos, boolean])[] = []
    for (const { reader, qos: asked, noLocal, retainAsPublished } of routes.of(topic)) {
      if (noLocal && reader.clientId === publisher) continue
      const { clientId, isStored } = reader
      const sentQos = asked < qos ? asked : qos
      const isRetained = retain && retainAsPublished
      if (sentQos > 0 && isStored)
        (isRetained ? owedAsRetained : owed).push({ clientId, reader, qos: sentQos === 1 ? 1 : 2 })
      else others.push([reader, sentQos, isRetained])
    }
    if (owed.length > 0) fanOuts.give(plain, owed)
    if (owedAsRetained.length > 0) fanOuts.give(message, owedAsRetained)
    if (others.length === 0) return
    // What could not be kept is sent again by its publisher, and must not come twice at QoS 2.
    afterCommit(() => {
      for (const [{ session }, sentQos, isRetained] of others)
        if (isReading(session, topic)) sendNow(session, message, sentQos, isRetained)
    })
  }

  /** To a session that is kept nothing: at QoS 0 when it has room, and above when its turn comes. */
  function sendNow(session: Session, message: Message, qos: Qos, retain: boolean): void {
    const { outbox, stream } = session
    if (qos > 0) {
      if (outbox instanceof CleanOutbox) outbox.deliver(message, qos === 1 ? 1 : 2, retain)
    } else if (stream.isFull) stream.counts.missed++
    else send(session, message.topic, message.payload, { retain })
  }

  return {
    route: message => (message.qos === 0 ? routeLive(message) : routeKept(message, message.qos)),
    reaches: (session, topic) =>
      isReading(session, topic) && routes.of(topic).some(({ reader }) => reader === session.reader),
  }
}
