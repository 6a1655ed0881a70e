import type { Clock } from '../domain/request.ts'

/** Counts by key within a window of time. All keys share the windows, so that each window begins empty. */
export interface WindowedCounts {
  /** Counts one more, and returns the count in this window. */
  add(key: string): number
  /** Milliseconds until the next window. */
  leftMs(): number
}

export function createWindowedCounts(windowMs: number, now: Clock): WindowedCounts {
  let counts = new Map<string, number>()
  let endsAtMs = 0
  const leftMs = () => endsAtMs - now()

  return {
    add(key) {
      if (leftMs() <= 0 || leftMs() > windowMs) {
        // The latter when the clock was set back.
        counts = new Map()
        endsAtMs = now() + windowMs
      }
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return count
    },
    leftMs,
  }
}
