/** The number of rows to work on at once: as many as take three milliseconds, however busy the machine and its disk are. */
export interface Portion {
  /** Does `work` on a portion, and learns from the time it took. Rejects like `work`. */
  run<T>(work: (rows: number) => Promise<T>): Promise<T>
}

const targetMs = 3

/** Begins with `least` and at most doubles. `clock` is in milliseconds and never goes back. */
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
