/** How many rows are worked on at once: as many as three milliseconds are enough for, whatever the machine and its disk are at. */
export interface Portion {
  /** Does `work` on so many, and learns from how long it took. Rejects with what it rejects with. */
  run<T>(work: (rows: number) => Promise<T>): Promise<T>
}

const targetMs = 3

/** Begins with `least`, and doubles at most. `clock` is in milliseconds and never goes back. */
export function createPortion(
  { least, most }: { readonly least: number; readonly most: number },
  clock = () => performance.now(),
): Portion {
  let rows = least
  return {
    async run(work) {
      const startedAtMs = clock()
      try {
        return await work(rows)
      } finally {
        const tookMs = clock() - startedAtMs
        const factor = Math.min(2, targetMs / Math.max(tookMs, 1))
        rows = Math.min(most, Math.max(least, Math.round(rows * factor)))
      }
    },
  }
}
