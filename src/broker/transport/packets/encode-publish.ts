const publish = 0x30
const topicLengthBytes = 2
const messageIdBytes = 2

/** The parts of a PUBLISH that differ between its readers (MQTT 3.1.1 section 3.3.1). */
export interface PublishFlags {
  readonly retain?: boolean | undefined
  /** At QoS 1 and 2. */
  readonly handshake?: { readonly qos: 1 | 2; readonly messageId: number; readonly dup: boolean } | undefined
  /** Of the subscriptions that it is sent for, where they have one; MQTT 3.1.1 has none. */
  readonly identifiers?: readonly number[] | undefined
}

const none = Buffer.of()

/** A PUBLISH in one buffer; `properties` stand in front of the payload in MQTT 5, their length with them. mqtt-packet's `generate` gives the same bytes at several times the cost, and this is done for every message. */
export function encodePublish(
  topic: string,
  payload: Buffer | string,
  { retain = false, handshake }: Omit<PublishFlags, 'identifiers'> = {},
  properties: Buffer = none,
): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  const payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  let left = topicLengthBytes + topicBytes + (handshake ? messageIdBytes : 0) + properties.length + payloadBytes
  const bytes = Buffer.allocUnsafe(1 + lengthBytes(left) + left)
  bytes[0] = publish | (retain ? 1 : 0) | (handshake ? (handshake.qos << 1) | (handshake.dup ? 8 : 0) : 0)
  let offset = 1
  do {
    const more = left > 127
    bytes[offset++] = more ? (left & 127) | 128 : left
    left >>>= 7
  } while (left > 0)
  offset = bytes.writeUInt16BE(topicBytes, offset)
  offset += bytes.write(topic, offset)
  if (handshake) offset = bytes.writeUInt16BE(handshake.messageId, offset)
  if (properties.length > 0) offset += properties.copy(bytes, offset)
  if (typeof payload === 'string') bytes.write(payload, offset)
  else payload.copy(bytes, offset)
  return bytes
}

/** How many bytes a remaining length takes (MQTT 3.1.1 table 2.4). */
const lengthBytes = (length: number): number => (length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4)
