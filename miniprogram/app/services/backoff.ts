/** How long to wait before the next attempt. */
export interface Backoff {
  nextMs(): number
  /** All is well again: the next wait is the first one. */
  reset(): void
}

/** A socket that was interrupted is often back at once; a broker that is away should not meet every phone in one instant. */
const waitsMs = [300, 1000, 2000, 4000, 8000, 15_000] as const

/** Waits 0.3, 1, 2, 4, 8, then always 15 s; each but the first is shortened by up to a half. `random` is from 0 to 1, as Math.random. */
export function createBackoff(random: () => number): Backoff {
  let failures = 0
  return {
    nextMs() {
      const longest = waitsMs[Math.min(failures, waitsMs.length - 1)] ?? 0
      const isFirst = failures === 0
      failures++
      return isFirst ? longest : Math.round(longest * (1 - random() / 2))
    },
    reset() {
      failures = 0
    },
  }
}
