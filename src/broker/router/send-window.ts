/** A message that was sent at QoS 1 or 2 and is not acknowledged. */
export interface InFlight {
  /** Its number in the session's queue; missing when it does not stand there. */
  readonly seq?: number
  readonly bytes: number
}

const maxMessages = 100
/** So that what is on its way to a slow reader leaves room for acknowledgements and replies, which would come after it. */
const maxBytes = 128 * 1024
const lastMessageId = 65_535

/** What one connection may have sent and not had acknowledged: so many messages, and so many bytes or one message. */
export class SendWindow {
  readonly #inFlight = new Map<number, InFlight>()
  #bytes = 0
  #reserved = 0
  #lastId = 0

  /** How many messages may be sent now. */
  get room(): number {
    return this.#bytes >= maxBytes ? 0 : Math.max(0, maxMessages - this.#inFlight.size - this.#reserved)
  }

  /** How many bytes may be sent now, at least of one message. */
  get roomBytes(): number {
    return Math.max(0, maxBytes - this.#bytes)
  }

  /** Keeps room for a message whose packet id is not known yet. */
  reserve(bytes: number): void {
    this.#reserved++
    this.#bytes += bytes
  }

  /** Gives up what was reserved. */
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

  /** Whether something was sent under this packet id that is not acknowledged; with `seq`, whether it was that. */
  isInFlight(messageId: number, seq?: number): boolean {
    const sent = this.#inFlight.get(messageId)
    return sent !== undefined && (seq === undefined || sent.seq === seq)
  }

  /** The number in the queue of what was sent under this packet id, if it stands there. */
  seqOf(messageId: number): number | undefined {
    return this.#inFlight.get(messageId)?.seq
  }

  /** What was sent under this packet id is done with; false when nothing was. */
  release(messageId: number): boolean {
    this.#bytes -= this.#inFlight.get(messageId)?.bytes ?? 0
    return this.#inFlight.delete(messageId)
  }
}
