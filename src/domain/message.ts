import type { Qos } from './qos.ts'

/** A message on its way to its readers. */
export interface Message {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: Qos
  /** It was published to be retained. */
  readonly retain: boolean
  /** The client id of the session that published it; missing for the broker's own. */
  readonly publisher?: string
  /** From when on it is of no use to anybody, in milliseconds since 1970; missing: never. */
  readonly expiresAtMs?: number | undefined
  readonly properties?: MessageProperties | undefined
  /** The shared subscription for which a reader gets it; missing when it is the reader's anyway. */
  readonly share?: string
}

/** What an MQTT 5 client says of its message, which is handed on to its readers as it is (MQTT 5 section 3.3.2.3). */
export interface MessageProperties {
  /** The payload is text. */
  readonly isText?: true
  readonly contentType?: string
  readonly responseTopic?: string
  readonly correlationData?: Buffer
  /** In their order; a name may come more than once. */
  readonly userProperties?: readonly UserProperty[]
}

export type UserProperty = readonly [name: string, value: string]

/** About what a message takes of a connection, in bytes. */
export const sizeOf = ({ topic, payload, properties }: Pick<Message, 'topic' | 'payload' | 'properties'>): number =>
  topic.length + payload.length + (properties ? propertyBytes(properties) : 0)

function propertyBytes({
  contentType = '',
  responseTopic = '',
  correlationData,
  userProperties = [],
}: MessageProperties): number {
  const fixed = contentType.length + responseTopic.length + (correlationData?.length ?? 0)
  return userProperties.reduce((bytes, [name, value]) => bytes + 5 + name.length + value.length, fixed)
}

/** Whether a message is of no use any more. */
export const isExpired = ({ expiresAtMs }: Pick<Message, 'expiresAtMs'>, nowMs: number): boolean =>
  expiresAtMs !== undefined && expiresAtMs <= nowMs
