import type { Message, MessageProperties } from '../domain/message.ts'

/** How the payload came, so that it goes back the same. */
const payloadKinds = { none: 0, buffer: 1, text: 2 } as const
const headerAt = 5

/** What stands in front of the payload, as JSON. */
interface Header extends Pick<Message, 'topic' | 'qos' | 'retain' | 'expiresAtMs' | 'share'> {
  readonly properties?: Omit<MessageProperties, 'correlationData'> & { readonly correlationData?: string }
}

/** A message as one value of the database: the length of its header, the kind of its payload, the header as JSON, the payload. */
export function encodeMessage({ topic, qos, retain, payload, expiresAtMs, properties, share }: Message): Buffer {
  const header: Header = {
    topic,
    qos,
    retain,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(properties && { properties: encodeProperties(properties) }),
    ...(share !== undefined && { share }),
  }
  const json = Buffer.from(JSON.stringify(header))
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
  const header: Partial<Header> = JSON.parse(bytes.toString('utf8', headerAt, bodyAt))
  const { topic, qos = 0, retain = false, expiresAtMs, properties, share } = header
  if (topic === undefined) return undefined
  const payload = bytes.subarray(bodyAt)
  return {
    topic,
    qos,
    retain,
    payload: bytes[4] === payloadKinds.text ? payload.toString() : payload,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(properties && { properties: decodeProperties(properties) }),
    ...(share !== undefined && { share }),
  }
}

function encodeProperties({ correlationData, ...text }: MessageProperties): NonNullable<Header['properties']> {
  return { ...text, ...(correlationData && { correlationData: correlationData.toString('base64') }) }
}

function decodeProperties({ correlationData, ...text }: NonNullable<Header['properties']>): MessageProperties {
  return { ...text, ...(correlationData !== undefined && { correlationData: Buffer.from(correlationData, 'base64') }) }
}

/** The same for a value that is not from a queue. Throws when it is no message. */
export function decodeMessage(bytes: Buffer): Message {
  const message = decodeQueued(bytes)
  if (!message) throw new TypeError('what is kept is no message')
  return message
}
