import type { PacketFault } from '../../protocol/packet-faults.ts'
import type { ConnectExtras, Welcome } from './connect-extras.ts'
import type { PublishFlags } from './packets/encode-publish.ts'
import type { AnswerType, MessageTaker } from './packets/message-packets.ts'
import type { PlainPublish } from './packets/plain-publish.ts'
import type { Publication } from './packets/publication.ts'
import type { Reason } from './reason.ts'

/**
 * A version of MQTT as one connection speaks it: checks and reads what comes in, writes what goes out. Nobody else knows versions, but messages,
 * options and reasons.
 */
export interface Dialect {
  /** As the log and the lists of sessions have it. */
  readonly version: MqttVersion
  /** It can say why something is refused or ended. */
  readonly saysWhy: boolean
  /** What CONNECT says beyond MQTT 3.1.1. */
  readonly extras: ConnectExtras

  /** What is wrong with a packet whose body stands in `bytes` from `from` up to `end`, or how many filters it holds. CONNECT is not among them. */
  check(bytes: Buffer, header: number, from: number, end: number): PacketFault | number
  /** The packet that begins at `from`, see {@link PlainPublish}; undefined when it is any other. */
  readPlain(bytes: Buffer, from: number, maxBytes: number): PlainPublish | undefined
  /** Gives a packet that was checked to `taker`: false when it is none of its, or what is wrong with it now. */
  give(type: number, packet: Buffer, taker: MessageTaker): boolean | PacketFault
  /** A packet that was checked and is the engine's, as MQTT 3.1.1 has it; or what is wrong with it now. */
  forEngine(type: number, packet: Buffer): Buffer | PacketFault
  /** The engine is given such a packet, or a portion of it; a DISCONNECT says with which reason code. */
  engineTakes(type: number, packet: Buffer, taker: MessageTaker | undefined): void
  /** What the last SUBSCRIBE asks for a filter besides its QoS. */
  optionsOf(filter: string): FilterOptions | undefined
  /** What DISCONNECT said, once it has come. */
  readonly leaving: Leaving | undefined

  /** A whole packet of the engine's in this version; missing when they are the same. */
  readonly fromEngine?: (packet: Buffer) => Buffer
  /** A PUBLISH; undefined when it is larger than the client takes. */
  publish(publication: Publication, flags: PublishFlags): Buffer | undefined
  answer(type: AnswerType, messageId: number, reason: Reason | undefined): Buffer
  /** What CONNACK tells a client that is let in. */
  welcome(welcome: Welcome): void
  /** Why CONNACK says no. */
  refuseConnect(reason: Reason): void
  /** Why SUBACK says no to the next filter of those that it refuses. */
  refuseFilter(reason: Reason): void
  /** The last packet of a connection that we end; undefined where the version has none, or it is too early or too late for it. `reasonCode`: where there is one for it. */
  farewell(reason: Reason, reasonCode?: number): Buffer | undefined
}

export type MqttVersion = '3.1' | '3.1.1' | '5'

/** What a SUBSCRIBE asks for a filter (MQTT 5 section 3.8.3.1). */
export interface FilterOptions {
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** What is retained is sent: always, when the filter is new, or never. */
  readonly retained: 'always' | 'when new' | 'never'
  readonly identifier?: number
}

/** How a client leaves. */
export interface Leaving {
  /** Its will is sent all the same. */
  readonly withWill: boolean
  /** For how long its session is to outlive this connection; missing: as CONNECT said. */
  readonly sessionExpirySeconds?: number
}
