import type { Message } from '../domain/message.ts'

/** How the payload came, so that it goes back the same. */
const payloadKinds = { none: 0, buffer: 1, text: 2 } as const
const headerAt = 5

/** A message as one value of the database: the length of its header, the kind of its payload, the header as JSON, the payload. */
export function encodeMessage({ topic, qos, retain, payload }: Message): Buffer {
  const json = Buffer.from(JSON.stringify({ topic, qos, retain }))
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const bytes = Buffer.allocUnsafe(headerAt + json.length + body.length)
  bytes.writeUInt32BE(json.length, 0)
  bytes[4] = typeof payload === 'string' ? payloadKinds.text : payloadKinds.buffer
  json.copy(bytes, headerAt)
  body.copy(bytes, headerAt + json.length)
  return bytes
}

/**
 * The message that {@link encodeMessage} encoded; undefined for a PUBREL, which a file of an earlier version has in place of its message, and which has no
 * topic.
 */
export function decodeQueued(bytes: Buffer): Message | undefined {
  const bodyAt = headerAt + bytes.readUInt32BE(0)
  const { topic, qos = 0, retain = false }: Partial<Message> = JSON.parse(bytes.toString('utf8', headerAt, bodyAt))
  if (topic === undefined) return undefined
  const payload = bytes.subarray(bodyAt)
  return { topic, qos, retain, payload: bytes[4] === payloadKinds.text ? payload.toString() : payload }
}

/** The same for a value that is not from a queue. Throws when it is no message. */
export function decodeMessage(bytes: Buffer): Message {
  const message = decodeQueued(bytes)
  if (!message) throw new TypeError('what is kept is no message')
  return message
}
