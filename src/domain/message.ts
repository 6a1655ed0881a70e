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
}

/** About what a message takes of a connection, in bytes. */
export const sizeOf = ({ topic, payload }: Pick<Message, 'topic' | 'payload'>): number => topic.length + payload.length
