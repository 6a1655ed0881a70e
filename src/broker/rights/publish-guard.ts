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

/** What a publish is: a message, or a request; undefined when it ends here and its sender was told why. */
export type Passed = PassedMessage | { readonly operation: string; readonly body: Buffer } | undefined

/** A publish before it is decided on; for a will, what CONNECT said. */
export type Published = Pick<ReceivedPublish, 'topic' | 'payload' | 'qos' | 'retain'>

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

  function refuse(session: Session, topic: string, rule: string, payload: Uint8Array): void {
    events.emit('publish-refused', { ...originOf(session), topic, rule })
    const id = commandId(topic, payload)
    notify(session, 'denied', {
      ...(id !== undefined && { id }),
      topic,
      code: 4003,
      msg: textOf(4003, locale, rule),
      rule,
    })
    countRefusal(session)
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

  /** True when the command may go on to its device, which is connected and subscribed to it. */
  function checkCommand(session: Session, topic: string, command: Command): boolean {
    const { deviceId } = command
    const verdict = traffic.checkCommand(command)
    const id = verdict.id === undefined ? {} : { id: verdict.id }
    if (!verdict.forward) {
      announceRefusal(session, topic, verdict)
      notify(session, 'denied', {
        ...id,
        topic,
        code: verdict.code,
        msg: textOf(verdict.code, locale, verdict.reason),
      })
      return false
    }
    const reason = whyUnreachable(deviceId, topic)
    if (reason === undefined) return true
    announceRefusal(session, topic, { code: 2004, reason })
    notify(session, 'device-offline', { ...id, deviceId, code: 2004, msg: textOf(2004, locale) })
    return false
  }

  /** Does what a message of this kind needs besides delivery. False when it ends here. */
  function mayGoOn(session: Session, name: string, topic: ParsedTopic | undefined, payload: Buffer): boolean {
    switch (topic?.kind) {
      case 'set':
        return checkCommand(session, name, { deviceId: topic.deviceId, payload })
      case 'invoke':
        return checkCommand(session, name, { deviceId: topic.deviceId, action: topic.name, payload })
      case 'state':
      case 'event':
      case 'ack':
        if (payload.length > maxEventBytes) {
          refuse(session, name, 'payload-too-large', payload)
          return false
        }
    }
    return true
  }

  /** Decides on a session's publish or will. */
  function pass(session: Session, published: Published, isWill = false): Passed {
    const { topic: name, payload, qos, retain } = published
    const decision = session.publishDecision(name, retain)
    if (!decision.allowed) {
      refuse(session, name, decision.rule, payload)
      return undefined
    }
    if (qos === 2 && session.principal.kind === 'guest') {
      refuse(session, name, 'guest-qos', payload)
      return undefined
    }
    const { topic } = decision
    const ownRequests = topics.request(session.clientId, '')
    if (topic?.kind === 'request') {
      if (!isWill) return { operation: topic.operation, body: payload.subarray(0, maxRequestBytes + 1) }
      refuse(session, name, 'will-is-no-request', payload)
      return undefined
    }
    if (!topic && !isWill && name.startsWith(ownRequests))
      return { operation: name.slice(ownRequests.length), body: payload } // no operation's name: 4004
    if (!mayGoOn(session, name, topic, payload)) return undefined
    const isState = topic?.kind === 'state'
    const message = messageOf(session, published, retain && !isState) // the whole state is retained in its place
    return { message, owner: message.retain ? retainedOwner(session.principal) : undefined, isState }
  }

  /** Tells a session that it may not retain more: its message was sent to nobody. */
  function refuseRetained(session: Session, { topic, payload }: Published): void {
    refuse(session, topic, 'retained-full', payload)
  }

  /**
   * The same for a message at QoS 0 that was not checked. False when it must be checked: when it is a request, or is refused, as every topic is that is not
   * valid text.
   */
  function passFast(session: Session, name: string, payload: Buffer): PassedMessage | false | undefined {
    const { allowed, topic } = session.publishDecision(name, false)
    const isRequest = topic ? topic.kind === 'request' : name.startsWith(topics.request(session.clientId, ''))
    if (!allowed || isRequest) return false
    if (!mayGoOn(session, name, topic, payload)) return undefined
    const message: Message = { topic: name, payload, qos: 0, retain: false, publisher: session.clientId }
    return { message, isState: topic?.kind === 'state' }
  }

  return { pass, passFast, refuseRetained }
}

const messageOf = ({ clientId }: Session, { topic, payload, qos }: Published, retain: boolean): Message => ({
  topic,
  payload,
  qos,
  retain,
  publisher: clientId,
})
