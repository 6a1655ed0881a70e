export interface DrainWatchOptions {
  readonly timeoutMs: number
  /** How many bytes the peer has taken so far. */
  readonly takenBytes: () => number
  readonly onStuck: () => void
}

/** Watches whether a peer takes anything, and calls `onStuck` when it took nothing in all of the time. */
export class DrainWatch {
  readonly #options: DrainWatchOptions
  #watching: NodeJS.Timeout | undefined

  constructor(options: DrainWatchOptions) {
    this.#options = options
  }

  /** Looks again after the time that a peer is given, unless a look is already due. */
  watch(): void {
    if (this.#watching) return
    const { timeoutMs, takenBytes, onStuck } = this.#options
    const before = takenBytes()
    this.#watching = setTimeout(() => {
      this.#watching = undefined
      if (takenBytes() === before) onStuck()
    }, timeoutMs).unref()
  }

  stop(): void {
    clearTimeout(this.#watching)
  }
}
