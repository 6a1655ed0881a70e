/** How much one client may send in a second, on average; a second's worth may come at once. */
export interface PaceLimits {
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
}

/** Measures what a client sends against its limits: a token bucket for messages, and one for bytes. */
export interface Pace {
  /** What may still come now. Not more than a second's worth, and never less than nothing. */
  messagesLeft(): number
  /** Notes what came. Milliseconds until more may come; 0 when it may now. */
  spent(messages: number, bytes: number): number
  /** For how long it has been too fast, without a rest below half of its limits; 0 when it is not. */
  slowedForMs(): number
}

/** Makes full buckets. `now` is a clock in milliseconds that never goes back. */
export const createPace = (limits: PaceLimits, now = () => performance.now()): Pace => new TokenBuckets(limits, now)

/** A class, since there is one for each of tens of thousands of connections. */
class TokenBuckets implements Pace {
  readonly #limits: PaceLimits
  readonly #now: () => number
  #messages: number
  #bytes: number
  #filledAtMs: number
  #slowedSinceMs: number | undefined

  constructor(limits: PaceLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
    this.#messages = limits.messagesPerSecond
    this.#bytes = limits.bytesPerSecond
    this.#filledAtMs = now()
  }

  messagesLeft(): number {
    this.#fill()
    return this.#bytes > 0 ? Math.max(0, this.#messages) : 0
  }

  spent(messages: number, bytes: number): number {
    const { messagesPerSecond, bytesPerSecond } = this.#limits
    this.#fill()
    this.#messages -= messages
    this.#bytes -= bytes
    const missing = Math.max((1 - this.#messages) / messagesPerSecond, (1 - this.#bytes) / bytesPerSecond)
    if (missing <= 0) return 0
    this.#slowedSinceMs ??= this.#filledAtMs
    return Math.ceil(missing * 1000)
  }

  slowedForMs(): number {
    return this.#slowedSinceMs === undefined ? 0 : this.#now() - this.#slowedSinceMs
  }

  #fill(): void {
    const { messagesPerSecond, bytesPerSecond } = this.#limits
    const nowMs = this.#now()
    const seconds = (nowMs - this.#filledAtMs) / 1000
    this.#filledAtMs = nowMs
    this.#messages = Math.min(messagesPerSecond, this.#messages + seconds * messagesPerSecond)
    this.#bytes = Math.min(bytesPerSecond, this.#bytes + seconds * bytesPerSecond)
    if (this.#messages > messagesPerSecond / 2 && this.#bytes > bytesPerSecond / 2) this.#slowedSinceMs = undefined
  }
}
