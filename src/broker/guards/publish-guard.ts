import type { Client, PublishPacket } from 'aedes'
import type { Command, DeviceTraffic } from '../../domain/device-traffic.ts'
import type { Events } from '../../domain/events.ts'
import type { Message } from '../../domain/message.ts'
import type { Clock } from '../../domain/request.ts'
import { type Locale, type RefusalCode, messageOf as textOf } from '../../protocol/codes.ts'
import { maxRequestBytes } from '../../protocol/envelope.ts'
import { type ParsedTopic, topics } from '../../protocol/topics.ts'
import type { Router } from '../router/router.ts'
import { closeSession, notify } from '../session/notify.ts'
import { originOf, type Session } from '../session/session.ts'
import type { SessionTable } from '../session/session-table.ts'
import { sink } from '../sink.ts'
import { commandId } from './command-id.ts'
import type { KeepMessage } from './keep-message.ts'
import { retainedOwner } from './retained-owner.ts'
import type { Seen } from './seen.ts'

export interface PublishGuardOptions {
  readonly sessions: SessionTable
  readonly traffic: DeviceTraffic
  readonly router: Router
  /** Has a session that publishes wait for what its messages have begun. */
  readonly holdWhileBehind: (session: Session) => void
  readonly events: Events
  readonly maxEventBytes: number
  /** Routes a message at QoS 1 or 2, and resolves when it is kept. */
  readonly keep: KeepMessage
  /** What readers get of a message that is not kept. */
  readonly seen: Seen
  /** Replaces what is retained on the message's topic, at once; it counts for `owner`. */
  readonly retain: (message: Message, owner?: string) => void
  /** Whether `owner` may retain the message besides what it has retained. */
  readonly hasRoomFor: (message: PublishPacket, owner: string) => boolean
  /** The client's will is sent, or refused: it is kept no more. */
  readonly forgetWill: (client: Client) => Promise<unknown>
  readonly locale: Locale
  /** Takes a request's body; the reply comes later, on its own. */
  readonly takeRequest: (session: Session, operation: string, body: Uint8Array) => void
  /** Notes a refused publish; closes the session when there were too many. */
  readonly countRefusal: (session: Session) => void
  readonly now: Clock
}

type Done = (error?: Error | null) => void

const rememberedPacketIds = 64
const announceRefusalEveryMs = 1000

/**
 * The head of the message path: one decision, then the packet is a request and taken, a command and checked, a report and noted, or just a
 * message. QoS 0 is delivered here and now; QoS 1 and 2 are routed and kept, and only then is Aedes given what it acknowledges. What may not
 * pass is sunk: acknowledged, and gone.
 */
export function createPublishGuard({
  sessions,
  traffic,
  router,
  holdWhileBehind,
  events,
  maxEventBytes,
  keep,
  seen,
  retain,
  hasRoomFor,
  forgetWill,
  locale,
  takeRequest,
  countRefusal,
  now,
}: PublishGuardOptions) {
  const takenIds = new WeakMap<Session, Set<number>>()
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

  /** True when this packet is a redelivery of a request that was taken already: QoS 2 reaches this hook again with DUP. */
  function isTaken(session: Session, packet: PublishPacket): boolean {
    if (packet.messageId === undefined) return false
    const ids = takenIds.get(session) ?? new Set()
    takenIds.set(session, ids)
    if (packet.dup && ids.has(packet.messageId)) return true
    ids.delete(packet.messageId)
    ids.add(packet.messageId)
    const [oldest] = ids
    if (ids.size > rememberedPacketIds && oldest !== undefined) ids.delete(oldest)
    return false
  }

  /** Who sends without looking at the answers does not fill the log. */
  function announceRefusal(session: Session, topic: string, why: { code: RefusalCode; reason: string }): void {
    if (now() - (announcedAtMs.get(session) ?? Number.NEGATIVE_INFINITY) < announceRefusalEveryMs) return
    announcedAtMs.set(session, now())
    events.emit('command-refused', { ...originOf(session), topic, code: why.code, reason: why.reason })
  }

  /** Why a command on this topic would not reach its device now; undefined when it would. For the log: its sender is told that it is offline. */
  function whyUnreachable(deviceId: string, topic: string): string | undefined {
    const device = sessions.byClientId(deviceId)
    if (!device?.caughtUp || device.principal.kind !== 'device') return 'device offline'
    if (!router.reaches(device, topic)) return 'device has not subscribed'
    return device.stream.isFull ? 'device does not read' : undefined
  }

  /** True when the command may go on to its device, which is there to hear it. */
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

  /** Does what a message of this kind asks for besides being delivered. False when it ends here. */
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

  /** True when the packet is to be kept before it is acknowledged; otherwise it is done with. */
  function passes(session: Session, packet: PublishPacket, isWill: boolean): boolean {
    const { topic: name } = packet
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const decision = session.publishDecision(name, packet.retain)
    if (!decision.allowed) {
      refuse(session, name, decision.rule, payload)
      return false
    }
    if (packet.qos === 2 && session.principal.kind === 'guest') {
      refuse(session, name, 'guest-qos', payload)
      return false
    }
    const { topic } = decision
    if (!topic && !isWill && name.startsWith(topics.request(session.clientId, ''))) {
      takeRequest(session, name.slice(topics.request(session.clientId, '').length), payload) // no operation's name: 4004
      return false
    }
    if (topic?.kind === 'request') {
      if (isWill) refuse(session, name, 'will-is-no-request', payload)
      else if (!isTaken(session, packet))
        takeRequest(session, topic.operation, payload.subarray(0, maxRequestBytes + 1))
      return false
    }
    if (!mayGoOn(session, name, topic, payload)) return false
    if (topic?.kind === 'state') packet.retain = false // what is retained is the whole state, which the registry folds
    const owner = packet.retain ? retainedOwner(session.principal) : undefined
    if (owner !== undefined && !hasRoomFor(packet, owner)) {
      refuse(session, name, 'retained-full', payload)
      return false
    }
    if (packet.qos > 0) return true
    const message = seen(messageOf(session, packet))
    if (!message) return false
    if (packet.retain) retain(message, owner)
    router.route(message)
    return false
  }

  function acknowledgeWhenKept(session: Session, packet: PublishPacket, isWill: boolean, done: Done): void {
    const begunAs =
      packet.qos < 2 || isWill ? {} : { begunAs: { clientId: session.client.id, messageId: packet.messageId } }
    keep(messageOf(session, packet), { owner: retainedOwner(session.principal), ...begunAs })
      .then(outcome => {
        if (outcome === 'full') {
          closeSession(session, 'qos2-window-full')
          done(new Error('too many messages at QoS 2 not released'))
          return
        }
        sink(packet)
        done(null)
      })
      .catch((cause: unknown) => {
        const isFirst = session.closeReason === undefined // the others of one read fail with it
        if (isFirst) events.emit('fault', { where: 'keeping a message', cause })
        closeSession(session, 'message-not-kept')
        done(new Error('not kept', { cause }))
      })
    holdWhileBehind(session)
  }

  return {
    /** Aedes' `authorizePublish`: never throws. What could not be kept is not acknowledged; its connection is closed, so that it is sent again. */
    authorizePublish(client: Client | null, packet: PublishPacket, done: Done): void {
      const session = client && sessions.of(client)
      const isWill = client?.closed ?? true
      // In one transaction with what it leaves behind: a broker that ends right here does not send it again.
      if (client && packet === Reflect.get(client, 'will')) void forgetWill(client)
      try {
        if (session && passes(session, packet, isWill)) {
          acknowledgeWhenKept(session, packet, isWill, done)
          return
        }
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
      }
      sink(packet)
      done(null)
    },

    /** The same for a message at QoS 0 that Aedes need not see. False when it must: a request, what is refused, what comes after the end. */
    takeMessage(session: Session, name: string, payload: Buffer): boolean {
      if (session.client.closed) return false // Aedes destroys the stream only a turn later
      const { allowed, topic } = session.publishDecision(name, false)
      if (!allowed || !topic || topic.kind === 'request') return false
      try {
        if (!mayGoOn(session, name, topic, payload)) return true
        const sent: Message = { topic: name, payload, qos: 0, retain: false, publisher: session.clientId }
        const message = topic.kind === 'state' ? seen(sent) : sent
        if (message) router.route(message)
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
      }
      return true
    },
  }
}

const messageOf = ({ clientId }: Session, { topic, payload, qos, retain }: PublishPacket): Message => ({
  topic,
  payload,
  qos,
  retain,
  publisher: clientId,
})
