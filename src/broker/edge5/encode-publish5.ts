import { encodePublish, type PublishFlags } from '../transport/packets/encode-publish.ts'
import type { Published } from '../transport/packets/publication.ts'
import type { Properties } from './property-table.ts'
import type { OutgoingAlias } from './topic-aliases.ts'
import { propertyBytes } from './write-packet.ts'

const none = Buffer.of(0)

/** A PUBLISH of MQTT 5 (section 3.3). `nowMs` decides how much of its expiry a message has left; a part of a second counts as a whole one. */
export function encodePublish5(
  { topic, payload, properties, expiresAtMs }: Published,
  { identifiers, ...flags }: PublishFlags = {},
  alias: OutgoingAlias | undefined = undefined,
  nowMs = 0,
): Buffer {
  const name = alias && !alias.isNew ? '' : topic
  if (!properties && expiresAtMs === undefined && !identifiers && !alias)
    return encodePublish(name, payload, flags, none)
  const { isText, contentType, responseTopic, correlationData, userProperties } = properties ?? {}
  const written: Properties = {
    ...(isText && { payloadFormat: 1 }),
    ...(expiresAtMs !== undefined && { messageExpirySeconds: Math.max(0, Math.ceil((expiresAtMs - nowMs) / 1000)) }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData && { correlationData }),
    ...(alias && { topicAlias: alias.alias }),
    ...(userProperties && { userProperties }),
  }
  return encodePublish(name, payload, flags, propertyBytes(written, identifiers))
}
