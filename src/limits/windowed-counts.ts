import type { Clock } from '../domain/request.ts'

/** Counts by key within a window of time. The windows are the same for every key, so that each begins with nothing to remember. */
export interface WindowedCounts {
  /** Counts one more, and gives how many there are in this window. */
  add(key: string): number
  /** Until the next window, in milliseconds. */
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
