import type { PacketFault } from '../../protocol/packet-faults.ts'
import type { ConnectExtras, Welcome } from './connect-extras.ts'
import type { PublishFlags } from './packets/encode-publish.ts'
import type { AnswerType, MessageTaker } from './packets/message-packets.ts'
import type { PlainPublish } from './packets/plain-publish.ts'
import type { Publication } from './packets/publication.ts'
import type { Reason } from './reason.ts'

/**
 * A version of MQTT as one connection speaks it: checks and reads what comes in, and writes what goes out. Everything else knows only messages, options and
 * reasons, not versions.
 */
export interface Dialect {
  /** The version, as the log and the lists of sessions name it. */
  readonly version: MqttVersion
  /** True when it can say why something is refused or ended. */
  readonly saysWhy: boolean
  /** What CONNECT says beyond MQTT 3.1.1. */
  readonly extras: ConnectExtras

  /** What is wrong with a packet other than CONNECT whose body is `bytes` from `from` up to `end`, or how many filters it holds. */
  check(bytes: Buffer, header: number, from: number, end: number): PacketFault | number
  /** The packet that begins at `from` as a {@link PlainPublish}; undefined when it is any other. */
  readPlain(bytes: Buffer, from: number, maxBytes: number): PlainPublish | undefined
  /** Gives a checked packet to `taker`. False when it is of another type; or what is wrong with it now. */
  give(type: number, packet: Buffer, taker: MessageTaker): boolean | PacketFault
  /** A checked packet for the engine, in the form of MQTT 3.1.1; or what is wrong with it now. */
  forEngine(type: number, packet: Buffer): Buffer | PacketFault
  /** Tells that the engine is given such a packet, or a portion of it; of a DISCONNECT the reason code is read. */
  engineTakes(type: number, packet: Buffer, taker: MessageTaker | undefined): void
  /** The options, besides QoS, that the last SUBSCRIBE has for a filter. */
  optionsOf(filter: string): FilterOptions | undefined
  /** What DISCONNECT said, once it has come. */
  readonly leaving: Leaving | undefined

  /** Converts a whole packet of the engine to this version; missing when they are the same. */
  readonly fromEngine?: (packet: Buffer) => Buffer
  /** A PUBLISH; undefined when it is larger than the client accepts. */
  publish(publication: Publication, flags: PublishFlags): Buffer | undefined
  answer(type: AnswerType, messageId: number, reason: Reason | undefined): Buffer
  /** The answer to authentication after CONNECT; undefined when it is too late. Missing when the version has none. `isDone`: it has succeeded. */
  readonly authenticated?: (data: Buffer, isDone: boolean) => Buffer | undefined
  /** Sets what CONNACK tells an admitted client. */
  welcome(welcome: Welcome): void
  /** Sets why CONNACK refuses. */
  refuseConnect(reason: Reason): void
  /** Sets why SUBACK refuses the next of the refused filters. */
  refuseFilter(reason: Reason): void
  /**
   * The last packet of a connection that we end; undefined when the version has none, or it is too early or too late for it. `reasonCode`: present when the
   * fault has a code of its own.
   */
  farewell(reason: Reason, reasonCode?: number): Buffer | undefined
}

export type MqttVersion = '3.1' | '3.1.1' | '5'

/** The options of a filter in a SUBSCRIBE (MQTT 5 section 3.8.3.1). */
export interface FilterOptions {
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** When retained messages are sent: always, only when the filter is new, or never. */
  readonly retained: 'always' | 'when new' | 'never'
  readonly identifier?: number
}

/** How a client leaves. */
export interface Leaving {
  /** True when its will is sent all the same. */
  readonly withWill: boolean
  /** For how long its session outlives this connection; when missing, as CONNECT said. */
  readonly sessionExpirySeconds?: number
}
