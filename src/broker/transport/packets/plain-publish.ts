/** A PUBLISH at QoS 0 without DUP and RETAIN. `end` is the offset of what follows it. */
export interface PlainPublish {
  readonly topic: string
  readonly payload: Buffer
  readonly end: number
}

const plainPublish = 0x30
const maxLengthBytes = 4

/**
 * Reads the packet that begins at `from` (MQTT 3.1.1 section 3.3). Undefined when it is another packet, incomplete, longer than `maxBytes`, or malformed:
 * the real parser reports that. `payload` is a view of `bytes`.
 */
export function readPlainPublish(bytes: Buffer, from: number, maxBytes: number): PlainPublish | undefined {
  if (bytes[from] !== plainPublish) return undefined
  let length = 0
  let at = from + 1
  for (let i = 0; ; i++) {
    const byte = bytes[at++]
    if (byte === undefined || i === maxLengthBytes) return undefined
    length += (byte & 0x7f) << (7 * i)
    if (byte < 0x80) break
  }
  const end = at + length
  if (length < 2 || length > maxBytes || end > bytes.length) return undefined
  const topicEnd = at + 2 + bytes.readUInt16BE(at)
  if (topicEnd > end) return undefined
  return { topic: bytes.toString('utf8', at + 2, topicEnd), payload: bytes.subarray(topicEnd, end), end }
}
