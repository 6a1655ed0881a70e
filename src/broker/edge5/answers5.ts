import { topics } from '../../protocol/topics.ts'
import type { Welcome } from '../transport/connect-extras.ts'
import { bodyOf } from '../transport/packets/filter-portions.ts'
import { packetType } from '../transport/packets/packet-types.ts'
import type { Reason } from '../transport/reason.ts'
import type { Connect5 } from './connect5.ts'
import type { Mqtt5Options } from './mqtt5-options.ts'
import type { Properties } from './property-table.ts'
import { connackCode, disconnectCode, noSubscriptionExisted, quotaExceeded, subackCode } from './reason-codes.ts'
import { packetOf, propertyBytes } from './write-packet.ts'

const topicAliases = 16
const idBytes = 2

/** Answers one MQTT 5 client's CONNECT, SUBSCRIBE and UNSUBSCRIBE, and sends the final DISCONNECT, each with the reason of a refusal. */
export class Answers5 {
  readonly #connect: Connect5
  readonly #options: Mqtt5Options
  #filterRefusals: Reason[] = []
  /** Reason codes of UNSUBACK. */
  #unsubscribed: number[] = []
  welcome: Welcome | undefined
  connectRefusal: Reason | undefined
  /** Nothing more is written: the client has sent DISCONNECT, was refused, or was told why it is closed. */
  isOver = false
  #isLetIn = false

  constructor(connect: Connect5, options: Mqtt5Options) {
    this.#connect = connect
    this.#options = options
  }

  get #takes(): Properties {
    return this.#connect.properties
  }

  /** A client that has not signed in gets no memory for names. */
  get topicAliasMaximum(): number {
    return this.welcome?.isGuest === false ? topicAliases : 0
  }

  /** Takes a whole packet of the engine. */
  fromEngine(packet: Buffer): Buffer {
    switch ((packet[0] ?? 0) >> 4) {
      case packetType.connack:
        return this.#connack(packet)
      case packetType.suback:
        return this.#suback(packet)
      case packetType.unsuback: {
        const codes = this.#unsubscribed
        this.#unsubscribed = []
        return packetOf(packet[0] ?? 0, idOf(packet), propertyBytes({}), Buffer.from(codes))
      }
      default:
        return packet
    }
  }

  #connack(packet: Buffer): Buffer {
    const [, , sessionPresent = 0, returnCode = 0] = packet
    if (returnCode > 0) {
      const reason = this.connectRefusal ?? { rule: 'server-unavailable' }
      this.isOver = true
      return packetOf(packet[0] ?? 0, Buffer.of(0, connackCode(reason)), this.why(reason))
    }
    this.#isLetIn = true
    return packetOf(packet[0] ?? 0, Buffer.of(sessionPresent, 0), propertyBytes(this.#welcomeProperties()))
  }

  #welcomeProperties(): Properties {
    const { receiveMaximum, maxPacketBytes } = this.#options
    const { sessionExpirySeconds = 0, isIdAssigned, authenticationMethod } = this.#connect.extras
    const welcome = this.welcome
    if (!welcome) return {}
    const isCapped = welcome.sessionExpirySeconds !== sessionExpirySeconds
    return {
      ...(isCapped && { sessionExpirySeconds: welcome.sessionExpirySeconds }),
      ...(isIdAssigned && { assignedClientId: welcome.clientId }),
      receiveMaximum,
      maximumPacketBytes: maxPacketBytes,
      topicAliasMaximum: this.topicAliasMaximum,
      ...(this.#takes.requestResponseInformation === 1 && { responseInformation: topics.reply(welcome.clientId, '') }),
      ...(authenticationMethod !== undefined && { authenticationMethod }),
      ...(welcome.sharedSubscriptions ? {} : { sharedSubscriptionAvailable: 0 }),
    }
  }

  #suback(packet: Buffer): Buffer {
    const codesFrom = bodyOf(packet) + idBytes
    const refusals = this.#filterRefusals
    this.#filterRefusals = []
    let refused = 0
    const codes = packet.subarray(codesFrom).map(granted => {
      if (granted < 0x80) return granted
      const reason = refusals[refused++]
      return reason ? subackCode(reason) : quotaExceeded
    })
    const rules = [...new Set(refusals.map(({ rule }) => rule))]
    if (refused > refusals.length) rules.push('too-many-filters-in-packet')
    const why = rules.length === 0 ? propertyBytes({}) : this.why({ rule: rules.join(', ') }, true)
    return packetOf(packet[0] ?? 0, idOf(packet), why, Buffer.from(codes))
  }

  /** A reason as properties. A client that asked for no problem information is told only in CONNACK and DISCONNECT (`isOptional`: in other packets). */
  why({ rule, code, text }: Reason, isOptional = false): Buffer {
    if (isOptional && this.#takes.requestProblemInformation === 0) return propertyBytes({})
    const told: (readonly [string, string])[] = [['rule', rule]]
    if (code !== undefined) told.push(['code', String(code)])
    const bytes = propertyBytes({ reasonString: text ?? rule, userProperties: told })
    return this.fits(bytes.length + 16) ? bytes : propertyBytes({}) // [MQTT-3.4.2-2] and its like
  }

  fits(bytes: number): boolean {
    return bytes <= (this.#takes.maximumPacketBytes ?? Number.POSITIVE_INFINITY)
  }

  /** AUTH; without the data where it would be larger than the client takes. */
  authentication(reasonCode: number, authenticationData: Buffer): Buffer | undefined {
    if (this.isOver) return undefined
    const { authenticationMethod = '' } = this.#connect.extras
    return [{ authenticationMethod, authenticationData }, { authenticationMethod }]
      .map(one => packetOf(packetType.auth << 4, Buffer.of(reasonCode), propertyBytes(one)))
      .find(packet => this.fits(packet.length))
  }

  unsubscribing(isSubscribed: boolean): void {
    this.#unsubscribed.push(isSubscribed ? 0 : noSubscriptionExisted)
  }

  refuseFilter(reason: Reason): void {
    this.#filterRefusals.push(reason)
  }

  farewell(reason: Reason, reasonCode = disconnectCode(reason)): Buffer | undefined {
    if (!this.#isLetIn || this.isOver) return undefined
    this.isOver = true
    return packetOf(packetType.disconnect << 4, Buffer.of(reasonCode), this.why(reason))
  }
}

const idOf = (packet: Buffer): Buffer => packet.subarray(bodyOf(packet), bodyOf(packet) + idBytes)
