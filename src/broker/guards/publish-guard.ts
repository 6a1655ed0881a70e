import type { Client, PublishPacket } from 'aedes'
import type { Command, DeviceTraffic } from '../../domain/device-traffic.ts'
import type { Events } from '../../domain/events.ts'
import { type Locale, messageOf } from '../../protocol/codes.ts'
import { maxRequestBytes } from '../../protocol/envelope.ts'
import { type ParsedTopic, topics } from '../../protocol/topics.ts'
import type { LiveDelivery } from '../routing/live-delivery.ts'
import { notify } from '../session/notify.ts'
import { originOf, type Session } from '../session/session.ts'
import type { SessionTable } from '../session/session-table.ts'
import { sink } from '../sink.ts'

export interface PublishGuardOptions {
  readonly sessions: SessionTable
  readonly traffic: DeviceTraffic
  readonly live: LiveDelivery
  readonly events: Events
  readonly maxEventBytes: number
  readonly locale: Locale
  /** Takes a request's body; the reply comes later, on its own. */
  readonly takeRequest: (session: Session, operation: string, body: Uint8Array) => void
  /** Notes a refused publish; closes the session when there were too many. */
  readonly countRefusal: (session: Session) => void
}

const rememberedPacketIds = 64

/**
 * The head of the message path: one decision, then the packet is a request and taken, a command and checked, a report and noted, or just a
 * message. QoS 0 is delivered here and now; everything else goes on through Aedes. What may not pass is sunk: acknowledged, and gone.
 */
export function createPublishGuard({
  sessions,
  traffic,
  live,
  events,
  maxEventBytes,
  locale,
  takeRequest,
  countRefusal,
}: PublishGuardOptions) {
  const takenIds = new WeakMap<Session, Set<number>>()

  function refuse(session: Session, topic: string, rule: string): void {
    events.emit('publish-refused', { ...originOf(session), topic, rule })
    notify(session, 'denied', { topic, code: 4003, msg: messageOf(4003, locale, rule), rule })
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

  /** True when the command may go on to its device, which is there to hear it. */
  function checkCommand(session: Session, topic: string, command: Command): boolean {
    const { deviceId } = command
    const verdict = traffic.checkCommand(command)
    const id = verdict.id === undefined ? {} : { id: verdict.id }
    if (!verdict.forward) {
      notify(session, 'denied', {
        ...id,
        topic,
        code: verdict.code,
        msg: messageOf(verdict.code, locale, verdict.reason),
      })
      return false
    }
    const device = sessions.byClientId(deviceId)
    if (device?.caughtUp && device.principal.kind === 'device') return true
    notify(session, 'device-offline', { ...id, deviceId, code: 2004, msg: messageOf(2004, locale) })
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
          refuse(session, name, 'payload-too-large')
          return false
        }
        if (topic.kind === 'state') traffic.reported(topic.deviceId, payload)
    }
    return true
  }

  /** True when the packet goes on to Aedes as it is. */
  function passes(session: Session, packet: PublishPacket, isWill: boolean): boolean {
    const { topic: name } = packet
    const decision = session.publishDecision(name, packet.retain)
    if (!decision.allowed) {
      refuse(session, name, decision.rule)
      return false
    }
    if (packet.qos === 2 && session.principal.kind === 'guest') {
      refuse(session, name, 'guest-qos')
      return false
    }
    const { topic } = decision
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    if (!topic && !isWill && name.startsWith(topics.request(session.clientId, ''))) {
      takeRequest(session, name.slice(topics.request(session.clientId, '').length), payload) // no operation's name: 4004
      return false
    }
    if (topic?.kind === 'request') {
      if (isWill) refuse(session, name, 'will-is-no-request')
      else if (!isTaken(session, packet))
        takeRequest(session, topic.operation, payload.subarray(0, maxRequestBytes + 1))
      return false
    }
    if (!mayGoOn(session, name, topic, payload)) return false
    if (topic?.kind === 'state') packet.retain = false // what is retained is the whole state, which the registry folds
    if (packet.qos > 0 || packet.retain) return true
    live.deliver(name, payload)
    return false
  }

  return {
    authorizePublish(client: Client | null, packet: PublishPacket): void {
      const session = client && sessions.of(client)
      try {
        if (session && passes(session, packet, client.closed)) return
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
      }
      sink(packet)
    },

    /** The same for a message at QoS 0 that Aedes need not see. False when it must: a request, what is refused, what comes after the end. */
    takeMessage(session: Session, name: string, payload: Buffer): boolean {
      if (session.client.closed) return false // Aedes destroys the stream only a turn later
      const { allowed, topic } = session.publishDecision(name, false)
      if (!allowed || !topic || topic.kind === 'request') return false
      try {
        if (mayGoOn(session, name, topic, payload)) live.deliver(name, payload)
      } catch (cause) {
        events.emit('fault', { where: 'publish', cause })
      }
      return true
    },
  }
}
