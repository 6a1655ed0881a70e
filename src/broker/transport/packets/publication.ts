import type { Message } from '../../../domain/message.ts'

/** The parts of a message that are in a PUBLISH. */
export type Published = Pick<Message, 'topic' | 'payload' | 'expiresAtMs' | 'properties'>

/** A message to be written to several connections: encoded once for all connections of one version that get the same bytes. */
export class Publication {
  readonly message: Published
  /** Its bytes in MQTT 3.1.1, and in MQTT 5. */
  #bytes3: Buffer | undefined
  #bytes5: Buffer | undefined

  constructor(message: Published) {
    this.message = message
  }

  as3(encode: (message: Published) => Buffer): Buffer {
    this.#bytes3 ??= encode(this.message)
    return this.#bytes3
  }

  as5(encode: (message: Published) => Buffer): Buffer {
    this.#bytes5 ??= encode(this.message)
    return this.#bytes5
  }
}
