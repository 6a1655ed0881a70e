import type { Events } from '../../domain/events.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { createPublishGuard, Passed, PassedMessage, Published } from '../rights/publish-guard.ts'
import type { MessagePath } from '../router/message-tap.ts'
import { closeSession } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import type { AnswerType, MessageTaker, ReceivedPublish } from '../transport/packets/message-packets.ts'
import type { Reason } from '../transport/reason.ts'
import type { Carried, CarryMessage } from './carry-message.ts'

export interface ExchangeOptions {
  readonly commits: Pick<GroupCommit, 'write' | 'afterCommit' | 'seam'>
  readonly guard: ReturnType<typeof createPublishGuard>
  readonly carry: CarryMessage
  readonly path: Pick<MessagePath, 'publishing'>
  /** Makes a publishing session wait for the work that its messages have begun. */
  readonly holdWhileBehind: (session: Session) => void
  /** Takes the body of a request; the reply comes later, separately. */
  readonly takeRequest: (session: Session, operation: string, body: Uint8Array) => void
  /** Takes authentication of a session that is open; its answer comes later. */
  readonly authenticate: (session: Session, data: Uint8Array) => void
  /** Messages at QoS 2 that one client may have begun and not released. */
  readonly qos2Window: number
  readonly events: Events
}

/**
 * The hand-shakes of one session (MQTT 3.1.1 section 4.3), both ways. What a session publishes at QoS 1 or 2 is acknowledged when all that it leaves behind
 * is kept, in the order in which it came [MQTT-4.6.0-2]; what could not be kept is not acknowledged, and the connection is closed, so that it is sent again.
 */
export function createExchange(options: ExchangeOptions): (session: Session) => MessageTaker {
  const { commits, guard, carry, path, holdWhileBehind, takeRequest, qos2Window, events } = options

  /** When the decision fails, only this message is affected. */
  function pass(session: Session, published: Published): Passed {
    path.publishing(session, published)
    try {
      return guard.pass(session, published)
    } catch (cause) {
      events.emit('fault', { where: 'publish', cause })
      return { refused: { rule: 'fault', code: 5000 } }
    }
  }

  function notKept(session: Session, cause: unknown): void {
    if (session.closeReason === undefined) events.emit('fault', { where: 'keeping a message', cause }) // the other messages of a turn fail with it
    closeSession(session, 'message-not-kept')
  }

  /** What each session has published and other nodes are still taking. */
  const takenElsewhere = new WeakMap<Session, Promise<void>>()

  /** Later messages are not acknowledged before other nodes have taken this one [MQTT-4.6.0-2]. */
  function waitForOthers(session: Session, taken: Promise<void>): void {
    const all = Promise.all([takenElsewhere.get(session), taken]).then(() => {
      if (takenElsewhere.get(session) === all) takenElsewhere.delete(session)
    })
    takenElsewhere.set(session, all)
  }

  function answer(session: Session, type: AnswerType, messageId: number, reason?: Reason): void {
    const write = () => session.stream.answer(type, messageId, reason)
    const taken = takenElsewhere.get(session)
    if (taken) void taken.then(write)
    else write()
  }

  /** After what is acknowledged when this turn is kept. Writes of others that are undone do not matter. */
  function answerInOrder(
    session: Session,
    type: 'puback' | 'pubrec' | 'pubcomp',
    messageId: number,
    reason?: Reason,
  ): void {
    const act = () => answer(session, type, messageId, reason)
    commits.afterCommit(act, act)
  }

  function publish0(session: Session, packet: ReceivedPublish): void {
    const passed = pass(session, packet)
    if ('refused' in passed) return
    if ('operation' in passed) takeRequest(session, passed.operation, passed.body)
    else {
      carry.unkept(session, passed, () => guard.refuseRetained(session, packet))
      holdWhileBehind(session)
    }
  }

  function carryKept(
    session: Session,
    packet: ReceivedPublish,
    passed: PassedMessage,
    ends: { readonly type: 'puback' | 'pubrec'; kept?(): void; undone?(cause: unknown): void },
  ): void {
    const kept = ({ takenElsewhere: taken, why }: Carried) => {
      if (taken) waitForOthers(session, taken)
      ends.kept?.()
      answer(session, ends.type, packet.messageId, why)
    }
    const undone = ends.undone ?? ((cause: unknown) => notKept(session, cause))
    try {
      carry.kept(
        passed,
        {
          kept,
          refused() {
            kept({ why: guard.refuseRetained(session, packet) })
          },
          undone,
        },
        session,
      )
    } catch (cause) {
      undone(cause)
    }
    holdWhileBehind(session)
  }

  function publish1(session: Session, packet: ReceivedPublish): void {
    const passed = pass(session, packet)
    if ('message' in passed) {
      carryKept(session, packet, passed, { type: 'puback' })
      return
    }
    const isRequest = 'operation' in passed
    answerInOrder(session, 'puback', packet.messageId, isRequest ? undefined : passed.refused)
    if (isRequest) takeRequest(session, passed.operation, passed.body)
  }

  /** A message that is sent again is only acknowledged again [MQTT-4.3.3-2]. A guest cannot begin a message at QoS 2. */
  function publish2(session: Session, packet: ReceivedPublish): void {
    const { messageId } = packet
    const { incoming, isStored, clientId } = session.reader
    if (session.principal.kind === 'guest') {
      const passed = pass(session, packet)
      answerInOrder(session, 'pubrec', messageId, 'refused' in passed ? passed.refused : undefined)
      return
    }
    if (incoming.size >= qos2Window && !incoming.has(messageId)) {
      closeSession(session, 'qos2-window-full')
      return
    }
    const begun = incoming.begin(messageId)
    if (!begun) {
      answerWhenKept(session, 'pubrec', messageId)
      return
    }
    const passed = pass(session, packet)
    const undone = (cause: unknown) => {
      begun(false)
      notKept(session, cause)
    }
    if ('refused' in passed && session.stream.dialect.saysWhy) {
      begun(false) // its packet id is free [MQTT-4.3.3-9]
      answerInOrder(session, 'pubrec', messageId, passed.refused)
      return
    }
    if (isStored) commits.write({ kind: 'begun', clientId, messageId }, undefined, undefined, session)
    if ('message' in passed) {
      carryKept(session, packet, passed, { type: 'pubrec', kept: () => begun(true), undone })
      return
    }
    const kept = () => {
      begun(true)
      answer(session, 'pubrec', messageId)
      if ('operation' in passed) takeRequest(session, passed.operation, passed.body)
    }
    commits.afterCommit(kept, undone, session)
  }

  /** For a packet id that has begun: PUBREC is sent when that is kept, for it may still be on its way, perhaps from another connection. */
  function answerWhenKept(session: Session, type: 'pubrec' | 'pubcomp', messageId: number): void {
    session.reader.incoming.whenKept(messageId, isKept => {
      if (isKept) answerInOrder(session, type, messageId)
      else notKept(session, new Error('what came before under this packet id was not kept'))
    })
  }

  /** PUBACK or PUBCOMP for a message that the session was sent. */
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

  /** PUBREL: the message does not come again. PUBCOMP is owed whether or not anything was begun. */
  function released(session: Session, messageId: number): void {
    const { incoming, isStored, clientId } = session.reader
    const told = incoming.release(messageId)
    if (!told) {
      answerWhenKept(session, 'pubcomp', messageId)
      return
    }
    const kept = () => {
      told(true)
      answer(session, 'pubcomp', messageId)
    }
    const undone = (cause: unknown) => {
      told(false)
      notKept(session, cause)
    }
    if (isStored) commits.write({ kind: 'released', clientId, messageId }, kept, undone, session)
    else commits.afterCommit(kept, kept)
  }

  function publishFast(session: Session, topic: string, payload: Buffer): boolean {
    const passed = guard.passFast(session, topic, payload)
    if (passed === false) return false
    path.publishing(session, { topic, payload, qos: 0, retain: false })
    if (!passed) return true
    carry.unkept(session, passed, () => {})
    if (passed.isState) holdWhileBehind(session)
    return true
  }

  return session => ({
    publishFast(topic, payload) {
      if (session.client.closed) return true
      commits.seam()
      try {
        return publishFast(session, topic, payload)
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
        return true
      }
    },
    publish(packet) {
      if (session.client.closed) return
      commits.seam()
      try {
        if (packet.qos === 0) publish0(session, packet)
        else if (packet.qos === 1) publish1(session, packet)
        else publish2(session, packet)
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
      }
    },
    puback(messageId) {
      commits.seam()
      acknowledged(session, messageId)
    },
    pubcomp(messageId) {
      commits.seam()
      acknowledged(session, messageId)
    },
    pubrec(messageId) {
      commits.seam()
      received(session, messageId)
    },
    pubrel(messageId) {
      commits.seam()
      released(session, messageId)
    },
    authenticate(data) {
      if (session.client.closed) return
      commits.seam()
      options.authenticate(session, data)
    },
    hasSubscribed: filter => session.reader.asked.has(filter) || session.reader.followed.has(filter),
  })
}
