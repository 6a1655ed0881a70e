import type { Clock } from '../domain/request.ts'
import { createCountedLimit, type Limit } from './counted-limit.ts'

/** Delays what is tried too often, by anybody, and refuses nobody. */
export interface GrowingDelay {
  /**
   * Counts an attempt at `key` and delays it: not at all up to the points of the limit, then 100 ms, and twice as long each time, up to 3 s.
   * False at once when it would have to wait while a thousand others wait.
   */
  pass(key: string): Promise<boolean>
  /** The attempt at `key` was not a wrong one. */
  takeBack(key: string): void
}

const firstMs = 100
/** The longest delay. */
export const longestDelayMs = 3000
/** Each holds a request in memory. */
const maxWaiting = 1000

export function createGrowingDelay(limit: Limit, now: Clock): GrowingDelay {
  const attempts = createCountedLimit(limit, now)
  let waiting = 0

  return {
    async pass(key) {
      attempts.add(key, 1)
      const beyond = attempts.count(key) - limit.points
      if (beyond <= 0) return true
      if (waiting >= maxWaiting) return false
      waiting++
      await new Promise(resolve => setTimeout(resolve, Math.min(longestDelayMs, firstMs * 2 ** (beyond - 1))).unref())
      waiting--
      return true
    },
    takeBack: key => attempts.add(key, -1),
  }
}
