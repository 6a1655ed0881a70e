import type { Events } from '../../domain/events.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { createPublishGuard, Passed, PassedMessage, Published } from '../rights/publish-guard.ts'
import type { MessagePath } from '../router/message-tap.ts'
import { closeSession } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import { encodeAnswer, type MessageTaker, type ReceivedPublish } from '../transport/packets/message-packets.ts'
import type { CarryMessage } from './carry-message.ts'

export interface ExchangeOptions {
  readonly commits: Pick<GroupCommit, 'write' | 'afterCommit'>
  readonly guard: ReturnType<typeof createPublishGuard>
  readonly carry: CarryMessage
  readonly path: Pick<MessagePath, 'publishing'>
  /** Has a session that publishes wait for what its messages have begun. */
  readonly holdWhileBehind: (session: Session) => void
  /** Takes a request's body; the reply comes later, on its own. */
  readonly takeRequest: (session: Session, operation: string, body: Uint8Array) => void
  /** Messages at QoS 2 that one client may have begun and not released. */
  readonly qos2Window: number
  readonly events: Events
}

/**
 * The hand-shakes of one session (MQTT 3.1.1 section 4.3), both ways. What a session publishes at QoS 1 or 2 is acknowledged when all that it leaves
 * behind is kept, in the order in which it came [MQTT-4.6.0-2]; what could not be kept is not, and the connection is closed, so that it is sent again.
 */
export function createExchange(options: ExchangeOptions): (session: Session) => MessageTaker {
  const { commits, guard, carry, path, holdWhileBehind, takeRequest, qos2Window, events } = options

  /** What is wrong with deciding takes nothing but this message. */
  function pass(session: Session, published: Published): Passed {
    path.publishing(session, published)
    try {
      return guard.pass(session, published)
    } catch (cause) {
      events.emit('fault', { where: 'publish', cause })
      return undefined
    }
  }

  function notKept(session: Session, cause: unknown): void {
    if (session.closeReason === undefined) events.emit('fault', { where: 'keeping a message', cause }) // the others of a turn fail with it
    closeSession(session, 'message-not-kept')
  }

  const answer = (session: Session, type: Parameters<typeof encodeAnswer>[0], messageId: number) =>
    session.stream.write(encodeAnswer(type, messageId))

  /** Behind what is acknowledged when this turn is kept; what others have written, and is undone, does not matter. */
  function answerInOrder(session: Session, type: 'puback' | 'pubrec' | 'pubcomp', messageId: number): void {
    const act = () => answer(session, type, messageId)
    commits.afterCommit(act, act)
  }

  function publish0(session: Session, packet: ReceivedPublish): void {
    const passed = pass(session, packet)
    if (!passed) return
    if ('operation' in passed) takeRequest(session, passed.operation, passed.body)
    else carry.unkept(session, passed, () => guard.refuseRetained(session, packet))
  }

  function carryKept(
    session: Session,
    packet: ReceivedPublish,
    passed: PassedMessage,
    type: 'puback' | 'pubrec',
  ): void {
    const kept = () => answer(session, type, packet.messageId)
    carry.kept(passed, {
      kept,
      refused() {
        guard.refuseRetained(session, packet)
        kept()
      },
      undone: cause => notKept(session, cause),
    })
    holdWhileBehind(session)
  }

  function publish1(session: Session, packet: ReceivedPublish): void {
    const passed = pass(session, packet)
    if (passed && 'message' in passed) {
      carryKept(session, packet, passed, 'puback')
      return
    }
    answerInOrder(session, 'puback', packet.messageId)
    if (passed) takeRequest(session, passed.operation, passed.body)
  }

  /** One that is sent again is only acknowledged again [MQTT-4.3.3-2]. A guest has no message at QoS 2 to begin. */
  function publish2(session: Session, packet: ReceivedPublish): void {
    const { messageId } = packet
    const { begun, isStored } = session.reader
    if (session.principal.kind === 'guest') {
      pass(session, packet)
      answerInOrder(session, 'pubrec', messageId)
      return
    }
    if (begun.has(messageId)) {
      commits.afterCommit(
        () => answer(session, 'pubrec', messageId),
        cause => notKept(session, cause),
      )
      return
    }
    if (begun.size >= qos2Window) {
      closeSession(session, 'qos2-window-full')
      return
    }
    const passed = pass(session, packet)
    begun.add(messageId)
    const undone = (cause: unknown) => {
      begun.delete(messageId)
      notKept(session, cause)
    }
    if (isStored) commits.write({ kind: 'begun', clientId: session.clientId, messageId }, undefined, undone)
    if (passed && 'message' in passed) {
      carryKept(session, packet, passed, 'pubrec')
      return
    }
    commits.afterCommit(() => {
      answer(session, 'pubrec', messageId)
      if (passed) takeRequest(session, passed.operation, passed.body)
    }, undone)
  }

  /** PUBACK or PUBCOMP for what it was sent. */
  function acknowledged(session: Session, messageId: number): void {
    session.outbox?.acknowledged(messageId)
    session.sendOn()
  }

  /** PUBREC: the reader has the message. PUBREL may be sent when that is kept. */
  function received(session: Session, messageId: number): void {
    if (!session.reader.isStored) {
      answer(session, 'pubrel', messageId)
      return
    }
    session.outbox?.received(messageId)
    commits.afterCommit(
      () => answer(session, 'pubrel', messageId),
      cause => notKept(session, cause),
    )
  }

  /** PUBREL: it does not come again. PUBCOMP is owed whether or not anything was begun. */
  function released(session: Session, messageId: number): void {
    const { begun, isStored } = session.reader
    if (!begun.delete(messageId) || !isStored) {
      answerInOrder(session, 'pubcomp', messageId)
      return
    }
    commits.write(
      { kind: 'released', clientId: session.clientId, messageId },
      () => answer(session, 'pubcomp', messageId),
      cause => {
        begun.add(messageId)
        notKept(session, cause)
      },
    )
  }

  function publishFast(session: Session, topic: string, payload: Buffer): boolean {
    const passed = guard.passFast(session, topic, payload)
    if (passed === false) return false
    path.publishing(session, { topic, payload, qos: 0, retain: false })
    if (passed) carry.unkept(session, passed, () => {})
    return true
  }

  return session => ({
    publishFast(topic, payload) {
      if (session.client.closed) return true
      try {
        return publishFast(session, topic, payload)
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
        return true
      }
    },
    publish(packet) {
      if (session.client.closed) return
      try {
        if (packet.qos === 0) publish0(session, packet)
        else if (packet.qos === 1) publish1(session, packet)
        else publish2(session, packet)
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
      }
    },
    puback: messageId => acknowledged(session, messageId),
    pubcomp: messageId => acknowledged(session, messageId),
    pubrec: messageId => received(session, messageId),
    pubrel: messageId => released(session, messageId),
  })
}
