import { type ReceivedPublish, readPublish } from '../transport/packets/message-packets.ts'
import { type PlainPublish, readPlainPublish } from '../transport/packets/plain-publish.ts'
import { messageProperties } from './connect5.ts'
import { readProperties } from './read-properties.ts'

/** A PUBLISH whose `topicAlias` must still be looked up or remembered. */
export interface ReadPublish5 {
  readonly publish: ReceivedPublish
  readonly topicAlias?: number
}

/** Reads a checked PUBLISH (MQTT 5 section 3.3). Its expiry begins at `nowMs`. */
export function readPublish5(packet: Buffer, nowMs: number): ReadPublish5 {
  const publish = readPublish(packet) // properties and payload in one
  const { payload: rest } = publish
  if (rest[0] === 0) return { publish: { ...publish, payload: rest.subarray(1) } }
  const found = readProperties(rest, 0, rest.length, 'PUBLISH')
  if (typeof found === 'string') throw new TypeError('a packet that was not checked')
  const { messageExpirySeconds, topicAlias } = found.properties
  const properties = messageProperties(found.properties)
  return {
    publish: {
      ...publish,
      payload: rest.subarray(found.end),
      ...(messageExpirySeconds !== undefined && { expiresAtMs: nowMs + messageExpirySeconds * 1000 }),
      ...(properties && { properties }),
    },
    ...(topicAlias !== undefined && { topicAlias }),
  }
}

/** Reads a PUBLISH at QoS 0 that names its topic and has no properties, like {@link readPlainPublish}. */
export function readPlain5(bytes: Buffer, from: number, maxBytes: number): PlainPublish | undefined {
  const found = readPlainPublish(bytes, from, maxBytes)
  if (!found || found.topic === '' || found.payload[0] !== 0) return undefined
  return { ...found, payload: found.payload.subarray(1) }
}
