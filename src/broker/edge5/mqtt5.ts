import type { PacketFault } from '../../protocol/packet-faults.ts'
import type { ConnectExtras, Welcome } from '../transport/connect-extras.ts'
import type { Dialect, FilterOptions, Leaving } from '../transport/dialect.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import { bodyOf, filtersOf } from '../transport/packets/filter-portions.ts'
import { type AnswerType, encodeAnswer, type MessageTaker } from '../transport/packets/message-packets.ts'
import { packetType } from '../transport/packets/packet-types.ts'
import type { PlainPublish } from '../transport/packets/plain-publish.ts'
import type { Publication } from '../transport/packets/publication.ts'
import type { Reason } from '../transport/reason.ts'
import { Answers5 } from './answers5.ts'
import { checkPacket5, readEnding, readFilters } from './check-packet5.ts'
import { type Connect5, expiryOf, readConnect5 } from './connect5.ts'
import { encodePublish5 } from './encode-publish5.ts'
import type { Mqtt5Options } from './mqtt5-options.ts'
import { readPlain5, readPublish5 } from './read-publish5.ts'
import { pubackCode } from './reason-codes.ts'
import { IncomingAliases, OutgoingAliases } from './topic-aliases.ts'
import { field, packetOf } from './write-packet.ts'

const withWill = 0x04
const success = 0
const continueAuthentication = 0x18
const ackWithReasonBytes = 4
const retainHandlings = ['always', 'when new', 'never'] as const
const disconnect311 = Buffer.of(packetType.disconnect << 4, 0)
const idBytes = 2

/** Makes the dialect of a connection whose CONNECT asks for MQTT 5. */
export const openMqtt5 =
  (options: Mqtt5Options) =>
  (bytes: Buffer, body: number, end: number): Dialect | PacketFault => {
    const connect = readConnect5(bytes, body, end)
    return typeof connect === 'string' ? connect : new Mqtt5(connect, options)
  }

/** MQTT 5 on one connection. */
class Mqtt5 implements Dialect {
  readonly version = '5'
  readonly saysWhy = true
  readonly extras: ConnectExtras
  readonly #options: Mqtt5Options
  readonly #connect: Connect5
  readonly #aliasesIn = new IncomingAliases()
  readonly #aliasesOut: OutgoingAliases
  /** Packet ids of messages at QoS 1 and 2 that are not answered yet. */
  readonly #unanswered = new Set<number>()
  /** AUTH has come and is not answered yet. */
  #isAuthenticating = false
  #asked: ReadonlyMap<string, FilterOptions> = new Map()
  readonly #answers: Answers5
  leaving: Leaving | undefined

  constructor(connect: Connect5, options: Mqtt5Options) {
    this.#options = options
    this.#connect = connect
    this.extras = connect.extras
    this.#answers = new Answers5(connect, options)
    this.#aliasesOut = new OutgoingAliases(connect.properties.topicAliasMaximum ?? 0)
  }

  readonly check = checkPacket5
  readonly readPlain: (bytes: Buffer, from: number, maxBytes: number) => PlainPublish | undefined = readPlain5

  give(type: number, packet: Buffer, taker: MessageTaker): boolean | PacketFault {
    switch (type) {
      case packetType.publish:
        return this.#givePublish(packet, taker)
      case packetType.puback:
      case packetType.pubcomp:
        taker.puback(messageIdOf(packet))
        return true
      case packetType.pubrec:
        // A refused message is done [MQTT-4.3.3-4].
        if (reasonCodeOf(packet) >= 0x80) taker.puback(messageIdOf(packet))
        else taker.pubrec(messageIdOf(packet))
        return true
      case packetType.pubrel:
        taker.pubrel(messageIdOf(packet))
        return true
      case packetType.auth:
        return this.#giveAuthentication(packet, taker)
      default:
        return false
    }
  }

  #givePublish(packet: Buffer, taker: MessageTaker): true | PacketFault {
    const { publish, topicAlias } = readPublish5(packet, this.#options.now())
    const { messageId, qos } = publish
    if (qos > 0) {
      this.#unanswered.add(messageId)
      if (this.#unanswered.size > this.#options.receiveMaximum) return 'more than the receive maximum'
    }
    if (topicAlias === undefined) {
      taker.publish(publish)
      return true
    }
    const found = this.#aliasesIn.resolve(topicAlias, publish.topic, this.#answers.topicAliasMaximum)
    if ('fault' in found) return found.fault
    taker.publish({ ...publish, topic: found.topic })
    return true
  }

  #giveAuthentication(packet: Buffer, taker: MessageTaker): true | PacketFault {
    const ending = readEnding(packet, bodyOf(packet), packet.length, 'AUTH')
    if (typeof ending === 'string') return ending
    const { authenticationMethod, authenticationData = Buffer.of() } = ending.properties
    if (authenticationMethod === undefined || authenticationMethod !== this.extras.authenticationMethod)
      return 'another authentication method'
    if (this.#isAuthenticating) return 'before the last was answered'
    this.#isAuthenticating = true
    taker.authenticate(authenticationData)
    return true
  }

  /** What is refused may be tried again, which "continue" says: a failure would end the connection [MQTT-4.12.1-2]. */
  readonly authenticated = (authenticationData: Buffer, isDone: boolean): Buffer | undefined => {
    this.#isAuthenticating = false
    return this.#answers.authentication(isDone ? success : continueAuthentication, authenticationData)
  }

  forEngine(type: number, packet: Buffer): Buffer | PacketFault {
    switch (type) {
      case packetType.connect:
        return this.#connect.as311
      case packetType.subscribe:
      case packetType.unsubscribe:
        return this.#filtersFor311(type, packet)
      case packetType.disconnect:
        return this.#leave(packet)
      default:
        return packet
    }
  }

  #filtersFor311(type: number, packet: Buffer): Buffer {
    const isSubscribe = type === packetType.subscribe
    const body = bodyOf(packet)
    const found = readFilters(packet, body, packet.length, isSubscribe)
    if (typeof found === 'string') throw new TypeError('a packet that was not checked')
    const { filters, properties } = found
    const { subscriptionIdentifier: identifier } = properties
    if (isSubscribe)
      this.#asked = new Map(
        filters.map(({ filter, noLocal, retainAsPublished, retainHandling }) => [
          filter,
          {
            noLocal,
            retainAsPublished,
            retained: retainHandlings[retainHandling] ?? 'always',
            ...(identifier !== undefined && { identifier }),
          },
        ]),
      )
    const fields = filters.flatMap(({ filter, qos }) =>
      isSubscribe ? [field(filter), Buffer.of(qos)] : [field(filter)],
    )
    return packetOf(packet[0] ?? 0, packet.subarray(body, body + idBytes), ...fields)
  }

  #leave(packet: Buffer): Buffer | PacketFault {
    const ending = readEnding(packet, bodyOf(packet), packet.length, 'DISCONNECT')
    if (typeof ending === 'string') return ending
    const { reasonCode, properties } = ending
    const isNamed = properties.sessionExpirySeconds !== undefined
    if (isNamed && this.extras.sessionExpirySeconds === 0 && expiryOf(properties) > 0)
      return 'session expiry where CONNECT had none'
    this.#answers.isOver = true
    this.leaving = {
      withWill: reasonCode === withWill,
      ...(isNamed && { sessionExpirySeconds: expiryOf(properties) }),
    }
    return disconnect311
  }

  engineTakes(type: number, packet: Buffer, taker: MessageTaker | undefined): void {
    if (type !== packetType.unsubscribe) return
    for (const filter of filtersOf(packet)) this.#answers.unsubscribing(taker?.hasSubscribed(filter) === true)
  }

  optionsOf(filter: string): FilterOptions | undefined {
    return this.#asked.get(filter)
  }

  readonly fromEngine = (packet: Buffer): Buffer => this.#answers.fromEngine(packet)

  publish(publication: Publication, flags: PublishFlags): Buffer | undefined {
    const { message } = publication
    const { identifiers, retain, handshake } = flags
    const isForAll = !identifiers && !retain && !handshake && message.expiresAtMs === undefined
    if (isForAll && !this.#aliasesOut.areUsed) {
      const bytes = publication.as5(encodePublish5)
      return this.#answers.fits(bytes.length) ? bytes : undefined
    }
    const alias = handshake ? undefined : this.#aliasesOut.of(message.topic)
    const bytes = encodePublish5(message, flags, alias, this.#options.now())
    if (this.#answers.fits(bytes.length)) return bytes
    if (alias?.isNew) this.#aliasesOut.forget(message.topic)
    return undefined
  }

  answer(type: AnswerType, messageId: number, reason: Reason | undefined): Buffer {
    const reasonCode = reason ? pubackCode(reason) : 0
    if (type === 'puback' || type === 'pubcomp' || (type === 'pubrec' && reasonCode >= 0x80))
      this.#unanswered.delete(messageId)
    const plain = encodeAnswer(type, messageId)
    if (!reason || !this.#answers.fits(ackWithReasonBytes + 1)) return plain
    return packetOf(plain[0] ?? 0, idOf(plain), Buffer.of(reasonCode), this.#answers.why(reason, true))
  }

  welcome(welcome: Welcome): void {
    this.#answers.welcome = welcome
  }

  refuseConnect(reason: Reason): void {
    this.#answers.connectRefusal = reason
  }

  refuseFilter(reason: Reason): void {
    this.#answers.refuseFilter(reason)
  }

  farewell(reason: Reason, reasonCode?: number): Buffer | undefined {
    return this.#answers.farewell(reason, reasonCode)
  }
}

const idOf = (packet: Buffer): Buffer => packet.subarray(bodyOf(packet), bodyOf(packet) + idBytes)
const messageIdOf = (packet: Buffer): number => packet.readUInt16BE(bodyOf(packet))
/** The reason code of an acknowledgement; 0 when it is left out. */
const reasonCodeOf = (packet: Buffer): number => packet[bodyOf(packet) + idBytes] ?? 0
