import type { StoredMessage } from '../domain/stored-message.ts'

/** How the payload came, so that it goes back the same. */
const payloadKinds = { none: 0, buffer: 1, text: 2 } as const
const headerAt = 5

/** A message as one value of the database: the length of its header, the kind of its payload, the header as JSON, the payload. */
export function encodeMessage(message: StoredMessage & { readonly length?: number }): Buffer {
  const { payload, length: _ofThePacketItCameIn, ...header } = message
  const json = Buffer.from(JSON.stringify(header))
  const body = payload === undefined ? Buffer.alloc(0) : typeof payload === 'string' ? Buffer.from(payload) : payload
  const bytes = Buffer.allocUnsafe(headerAt + json.length + body.length)
  bytes.writeUInt32BE(json.length, 0)
  bytes[4] = payloadKindOf(payload)
  json.copy(bytes, headerAt)
  body.copy(bytes, headerAt + json.length)
  return bytes
}

/** What {@link encodeMessage} made a value of, as an object of its own. */
export function decodeMessage(bytes: Buffer): StoredMessage {
  const bodyAt = headerAt + bytes.readUInt32BE(0)
  const message: StoredMessage = JSON.parse(bytes.toString('utf8', headerAt, bodyAt))
  if (bytes[4] === payloadKinds.none) return message
  const payload = bytes.subarray(bodyAt)
  return { ...message, payload: bytes[4] === payloadKinds.text ? payload.toString() : payload }
}

/** PUBREL, which stands in a queue in place of its message, has no payload. */
const payloadKindOf = (payload: Buffer | string | undefined) =>
  payload === undefined ? payloadKinds.none : typeof payload === 'string' ? payloadKinds.text : payloadKinds.buffer
