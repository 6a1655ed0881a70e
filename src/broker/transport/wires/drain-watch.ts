export interface DrainWatchOptions {
  readonly timeoutMs: number
  /** How many bytes the peer has taken so far. */
  readonly takenBytes: () => number
  readonly onStuck: () => void
}

/** Watches whether a peer takes anything. */
export interface DrainWatch {
  /** Looks again after the time that a peer has, unless it will already. */
  watch(): void
  stop(): void
}

/** Calls `onStuck` when a peer took nothing in all of the time. */
export function createDrainWatch({ timeoutMs, takenBytes, onStuck }: DrainWatchOptions): DrainWatch {
  let watching: NodeJS.Timeout | undefined
  return {
    watch() {
      if (watching) return
      const before = takenBytes()
      watching = setTimeout(() => {
        watching = undefined
        if (takenBytes() === before) onStuck()
      }, timeoutMs).unref()
    },
    stop: () => clearTimeout(watching),
  }
}
