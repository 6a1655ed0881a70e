import type { MessageProperties } from '../../../domain/message.ts'
import type { Qos } from '../../../domain/qos.ts'
import { bodyOf } from './filter-portions.ts'
import { packetType } from './packet-types.ts'

/** A PUBLISH as it was received (MQTT 3.1.1 section 3.3). `payload` is a view of the packet. */
export interface ReceivedPublish {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
  readonly retain: boolean
  readonly dup: boolean
  /** 0 at QoS 0. */
  readonly messageId: number
  /** In milliseconds since 1970; missing: never, or its version of MQTT cannot say. */
  readonly expiresAtMs?: number | undefined
  readonly properties?: MessageProperties | undefined
}

/** Takes the packets of one client that carry messages or acknowledge them, or that authenticate it. Its methods never throw. */
export interface MessageTaker {
  /** Takes a message at QoS 0 that was not checked; false when it must be checked and given to {@link MessageTaker.publish}. */
  publishFast(topic: string, payload: Buffer): boolean
  publish(packet: ReceivedPublish): void
  puback(messageId: number): void
  pubrec(messageId: number): void
  pubrel(messageId: number): void
  pubcomp(messageId: number): void
  /** The client authenticates itself anew, and waits for what comes of it. */
  authenticate(data: Buffer): void
  /** Whether the client has subscribed this filter. */
  hasSubscribed(filter: string): boolean
}

export type AnswerType = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'

/** Gives a checked packet to `taker`; false when it is of another type. */
export function giveMessagePacket(type: number, packet: Buffer, taker: MessageTaker): boolean {
  switch (type) {
    case packetType.publish:
      taker.publish(readPublish(packet))
      return true
    case packetType.puback:
      taker.puback(messageIdOf(packet))
      return true
    case packetType.pubrec:
      taker.pubrec(messageIdOf(packet))
      return true
    case packetType.pubrel:
      taker.pubrel(messageIdOf(packet))
      return true
    case packetType.pubcomp:
      taker.pubcomp(messageIdOf(packet))
      return true
    default:
      return false
  }
}

/** Reads a checked PUBLISH. */
export function readPublish(packet: Buffer): ReceivedPublish {
  const header = packet[0] ?? 0
  const qos = qosOf(header)
  const topicAt = bodyOf(packet) + 2
  const topicEnd = topicAt + packet.readUInt16BE(topicAt - 2)
  return {
    topic: packet.toString('utf8', topicAt, topicEnd),
    payload: packet.subarray(qos > 0 ? topicEnd + 2 : topicEnd),
    qos,
    retain: (header & 0x01) > 0,
    dup: (header & 0x08) > 0,
    messageId: qos > 0 ? packet.readUInt16BE(topicEnd) : 0,
  }
}

function qosOf(header: number): Qos {
  const bits = (header >> 1) & 3
  return bits === 0 ? 0 : bits === 1 ? 1 : 2
}

const messageIdOf = (packet: Buffer): number => packet.readUInt16BE(packet.length - 2)

/** PUBACK, PUBREC, PUBREL or PUBCOMP for a packet id (MQTT 3.1.1 sections 3.4 to 3.7). */
export const encodeAnswer = (type: AnswerType, messageId: number): Buffer =>
  Buffer.of((packetType[type] << 4) | (type === 'pubrel' ? 2 : 0), 2, messageId >> 8, messageId & 0xff)
