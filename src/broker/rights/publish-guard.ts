import { isUtf8 } from 'node:buffer'
import type { Command, DeviceTraffic } from '../../domain/device-traffic.ts'
import type { Events } from '../../domain/events.ts'
import type { Message } from '../../domain/message.ts'
import { originOf } from '../../domain/origin.ts'
import type { Clock } from '../../domain/request.ts'
import { type Locale, type RefusalCode, messageOf as textOf } from '../../protocol/codes.ts'
import { maxRequestBytes } from '../../protocol/envelope.ts'
import { type ParsedTopic, topics } from '../../protocol/topics.ts'
import type { Router } from '../router/router.ts'
import { notify } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { ReceivedPublish } from '../transport/packets/message-packets.ts'
import type { Reason } from '../transport/reason.ts'
import { commandId } from './command-id.ts'
import { retainedOwner } from './retained-owner.ts'

export interface PublishGuardOptions {
  readonly sessions: SessionTable
  readonly traffic: DeviceTraffic
  readonly router: Router
  readonly events: Events
  readonly maxEventBytes: number
  readonly locale: Locale
  /** Notes a refused publish; closes the session when there were too many. */
  readonly countRefusal: (session: Session) => void
  readonly now: Clock
}

/** A message that may go on to its readers. */
export interface PassedMessage {
  readonly message: Message
  /** The owner whose retained messages it counts among. */
  readonly owner?: string | undefined
  /** True for a device's report, which the registry folds. */
  readonly isState: boolean
}

/** A published request. */
export interface PassedRequest {
  readonly operation: string
  readonly body: Buffer
}

/** What a publish is: a message, a request, or refused, and why. */
export type Passed = PassedMessage | PassedRequest | { readonly refused: Reason }

/** A publish before it is decided on; for a will, what CONNECT said. */
export type Published = Omit<ReceivedPublish, 'dup' | 'messageId'>

const announceRefusalEveryMs = 1000

/** The head of the message path: one decision; then a publish is a request, a command, which is checked, a report, or just a message. */
export function createPublishGuard({
  sessions,
  traffic,
  router,
  events,
  maxEventBytes,
  locale,
  countRefusal,
  now,
}: PublishGuardOptions) {
  const announcedAtMs = new WeakMap<Session, number>()

  function refuse(session: Session, published: Published, rule: string): Reason {
    const { topic, payload } = published
    events.emit('publish-refused', { ...originOf(session), topic, rule })
    const code = 4003
    const reason = { rule, code, text: textOf(code, session.locale ?? locale, rule) }
    if (!isToldByAnswer(session, published)) {
      const id = commandId(topic, payload)
      notify(session, 'denied', { ...(id !== undefined && { id }), topic, code, msg: reason.text, rule })
    }
    countRefusal(session)
    return reason
  }

  /** So that a client that ignores its answers does not fill the log. */
  function announceRefusal(session: Session, topic: string, why: { code: RefusalCode; reason: string }): void {
    if (now() - (announcedAtMs.get(session) ?? Number.NEGATIVE_INFINITY) < announceRefusalEveryMs) return
    announcedAtMs.set(session, now())
    events.emit('command-refused', { ...originOf(session), topic, code: why.code, reason: why.reason })
  }

  /** Why a command on this topic would not reach its device now; undefined when it would. Only for the log: the sender is told that the device is offline. */
  function whyUnreachable(deviceId: string, topic: string): string | undefined {
    const device = sessions.byClientId(deviceId)
    if (!device?.caughtUp || device.principal.kind !== 'device') return 'device offline'
    if (!router.reaches(device, topic)) return 'device has not subscribed'
    return device.stream.isFull ? 'device does not read' : undefined
  }

  /** Why the command may not go on to its device, or cannot, because the device is not connected and subscribed to it. */
  function commandRefusal(session: Session, published: Published, command: Command): Reason | undefined {
    const { deviceId } = command
    const { topic } = published
    const isTold = isToldByAnswer(session, published)
    const verdict = traffic.checkCommand(command)
    const id = verdict.id === undefined ? {} : { id: verdict.id }
    if (!verdict.forward) {
      const { code, reason } = verdict
      const text = textOf(code, session.locale ?? locale, reason)
      announceRefusal(session, topic, verdict)
      if (!isTold) notify(session, 'denied', { ...id, topic, code, msg: text })
      return { rule: reason, code, text }
    }
    const reason = whyUnreachable(deviceId, topic)
    if (reason === undefined) return undefined
    const text = textOf(2004, session.locale ?? locale)
    announceRefusal(session, topic, { code: 2004, reason })
    if (!isTold) notify(session, 'device-offline', { ...id, deviceId, code: 2004, msg: text })
    return { rule: reason, code: 2004, text }
  }

  /** Does what a message of this kind needs besides delivery. Why it is refused, if it is. */
  function refusalOf(session: Session, published: Published, topic: ParsedTopic | undefined): Reason | undefined {
    const { payload, properties } = published
    if (properties?.isText && !isUtf8(payload)) return refuse(session, published, 'payload-not-text')
    switch (topic?.kind) {
      case 'set':
        return commandRefusal(session, published, { deviceId: topic.deviceId, payload })
      case 'invoke':
        return commandRefusal(session, published, { deviceId: topic.deviceId, action: topic.name, payload })
      case 'state':
      case 'event':
      case 'ack':
        return payload.length > maxEventBytes ? refuse(session, published, 'payload-too-large') : undefined
    }
    return undefined
  }

  /** Decides on a session's publish or will. */
  function pass(session: Session, published: Published, isWill = false): Passed {
    const { topic: name, payload, qos, retain } = published
    const decision = session.publishDecision(name, retain)
    if (!decision.allowed) return { refused: refuse(session, published, decision.rule) }
    if (qos === 2 && session.principal.kind === 'guest') return { refused: refuse(session, published, 'guest-qos') }
    const { topic } = decision
    const ownRequests = topics.request(session.clientId, '')
    if (topic?.kind === 'request') {
      if (!isWill) return { operation: topic.operation, body: payload.subarray(0, maxRequestBytes + 1) }
      return { refused: refuse(session, published, 'will-is-no-request') }
    }
    if (!topic && !isWill && name.startsWith(ownRequests))
      return { operation: name.slice(ownRequests.length), body: payload } // no operation's name: 4004
    const refused = refusalOf(session, published, topic)
    if (refused) return { refused }
    const isState = topic?.kind === 'state'
    const message = messageOf(session, published, retain && !isState) // the whole state is retained in its place
    return { message, owner: message.retain ? retainedOwner(session.principal) : undefined, isState }
  }

  /** Tells a session that it may not retain more: its message was sent to nobody. */
  const refuseRetained = (session: Session, published: Published): Reason => refuse(session, published, 'retained-full')

  /**
   * The same for a message at QoS 0 that was not checked. False when it must be checked: when it is a request, or is refused, as every topic is that is not
   * valid text.
   */
  function passFast(session: Session, name: string, payload: Buffer): PassedMessage | false | undefined {
    const { allowed, topic } = session.publishDecision(name, false)
    const isRequest = topic ? topic.kind === 'request' : name.startsWith(topics.request(session.clientId, ''))
    if (!allowed || isRequest) return false
    const published: Published = { topic: name, payload, qos: 0, retain: false }
    if (refusalOf(session, published, topic)) return undefined
    const message = messageOf(session, published, false)
    return { message, isState: topic?.kind === 'state' }
  }

  return { pass, passFast, refuseRetained }
}

/** True when PUBACK or PUBREC says why, so that no notification is needed. */
const isToldByAnswer = ({ stream }: Session, { qos }: Published): boolean => qos > 0 && stream.dialect.saysWhy

/** All messages are of one shape, which is faster than to leave out what most of them have not. */
function messageOf({ clientId }: Session, published: Published, retain: boolean): Message {
  const { topic, payload, qos, expiresAtMs, properties } = published
  return { topic, payload, qos, retain, publisher: clientId, expiresAtMs, properties }
}
