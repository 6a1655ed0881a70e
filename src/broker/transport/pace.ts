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
  /** How long ago it first was too fast, without having been at less than half of its limits since; 0 when it was not. */
  slowedForMs(): number
}

/** Makes full buckets. `now` is a clock in milliseconds that never goes back. */
export function createPace({ messagesPerSecond, bytesPerSecond }: PaceLimits, now = () => performance.now()): Pace {
  let messages = messagesPerSecond
  let bytes = bytesPerSecond
  let filledAtMs = now()
  let slowedSinceMs: number | undefined

  function fill(): void {
    const nowMs = now()
    const seconds = (nowMs - filledAtMs) / 1000
    filledAtMs = nowMs
    messages = Math.min(messagesPerSecond, messages + seconds * messagesPerSecond)
    bytes = Math.min(bytesPerSecond, bytes + seconds * bytesPerSecond)
    if (messages > messagesPerSecond / 2 && bytes > bytesPerSecond / 2) slowedSinceMs = undefined
  }

  return {
    messagesLeft() {
      fill()
      return bytes > 0 ? Math.max(0, messages) : 0
    },
    spent(newMessages, newBytes) {
      fill()
      messages -= newMessages
      bytes -= newBytes
      const missing = Math.max((1 - messages) / messagesPerSecond, (1 - bytes) / bytesPerSecond)
      if (missing <= 0) return 0
      slowedSinceMs ??= filledAtMs
      return Math.ceil(missing * 1000)
    },
    slowedForMs: () => (slowedSinceMs === undefined ? 0 : now() - slowedSinceMs),
  }
}
