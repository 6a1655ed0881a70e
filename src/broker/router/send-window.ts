/** A message that was sent at QoS 1 or 2 and is not acknowledged yet. */
export interface InFlight {
  /** Its number in the session's queue; missing when it does not stand there. */
  readonly seq?: number
  readonly bytes: number
}

const mostMessages = 100
/** Bounded, because acknowledgements and replies are sent behind what is on its way to a slow reader. */
const maxBytes = 128 * 1024
const lastMessageId = 65_535

/** How much one connection may have on its way without an acknowledgement: a number of messages, and a number of bytes or one larger message. */
export class SendWindow {
  readonly #inFlight = new Map<number, InFlight>()
  #bytes = 0
  #reserved = 0
  #lastId = 0
  readonly #maxMessages: number

  /** `receiveMaximum`: how many messages the reader accepts, when that is less. */
  constructor(receiveMaximum = mostMessages) {
    this.#maxMessages = Math.min(mostMessages, receiveMaximum)
  }

  /** How many messages may be sent now. */
  get room(): number {
    return this.#bytes >= maxBytes ? 0 : Math.max(0, this.#maxMessages - this.#inFlight.size - this.#reserved)
  }

  /** How many bytes may be sent now; one message always may when nothing is on its way. */
  get roomBytes(): number {
    return Math.max(0, maxBytes - this.#bytes)
  }

  /** Reserves room for a message whose packet id is not known yet. */
  reserve(bytes: number): void {
    this.#reserved++
    this.#bytes += bytes
  }

  /** Gives up a reservation. */
  unreserve(bytes: number): void {
    this.#reserved--
    this.#bytes -= bytes
  }

  /** A packet id that is not in use, for a message that is being sent. */
  take(message: InFlight): number {
    do this.#lastId = this.#lastId === lastMessageId ? 1 : this.#lastId + 1
    while (this.#inFlight.has(this.#lastId))
    this.hold(this.#lastId, message)
    return this.#lastId
  }

  /** The message is being sent under this packet id. */
  hold(messageId: number, message: InFlight): void {
    this.#bytes += message.bytes - (this.#inFlight.get(messageId)?.bytes ?? 0)
    this.#inFlight.set(messageId, message)
  }

  /** Whether a message under this packet id is unacknowledged; with `seq`, whether it is the one with that number. */
  isInFlight(messageId: number, seq?: number): boolean {
    const sent = this.#inFlight.get(messageId)
    return sent !== undefined && (seq === undefined || sent.seq === seq)
  }

  /** The number in the queue of the message under this packet id, if it is in the queue. */
  seqOf(messageId: number): number | undefined {
    return this.#inFlight.get(messageId)?.seq
  }

  /** The message under this packet id is done; false when there is none. */
  release(messageId: number): boolean {
    this.#bytes -= this.#inFlight.get(messageId)?.bytes ?? 0
    return this.#inFlight.delete(messageId)
  }
}
