import { createPacketLimit } from './packet-limit.ts'

const longestPacketBytes = 268_435_455

/** Makes whole packets from what Aedes writes, which may be parts of packets. */
export class WholePackets {
  readonly #limit = createPacketLimit(longestPacketBytes)
  #begun: Buffer[] = []

  /** The packets that end in `chunk`, each in a buffer of its own. */
  add(chunk: Buffer | string): Buffer[] {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    const whole: Buffer[] = []
    let from = 0
    this.#limit.accepts(bytes, (_type, taken) => {
      whole.push(Buffer.concat([...this.#begun, bytes.subarray(from, taken)]))
      this.#begun = []
      from = taken
    })
    if (from < bytes.length) this.#begun.push(bytes.subarray(from))
    return whole
  }
}
