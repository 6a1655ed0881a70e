/** Writes per key, one at a time: what is put while a write is under way waits, and only the latest of that is written. */
export interface LatestWriter<T> {
  /** Resolves when this value, or a later one of the same key, was written or has failed. Never rejects. */
  put(key: string, value: T): Promise<void>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

/** `failed` hears of every write that rejects; the value is not tried again. */
export function createLatestWriter<T>(
  write: (key: string, value: T) => Promise<void>,
  failed: (cause: unknown) => void,
): LatestWriter<T> {
  const waiting = new Map<string, { readonly value: T }>()
  const running = new Map<string, Promise<void>>()

  async function drain(key: string): Promise<void> {
    for (let next = waiting.get(key); next; next = waiting.get(key)) {
      waiting.delete(key)
      const { value } = next
      try {
        await (async () => write(key, value))()
      } catch (cause) {
        failed(cause)
      }
    }
    running.delete(key)
  }

  return {
    put(key, value) {
      waiting.set(key, { value })
      const underWay = running.get(key)
      if (underWay) return underWay
      const started = drain(key)
      running.set(key, started)
      return started
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
