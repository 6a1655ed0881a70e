import type { Clock } from '../domain/request.ts'
import { createCountedLimit, type Limit } from './counted-limit.ts'

/** Slows down what is tried too often, whoever tries it, and refuses nobody. */
export interface GrowingDelay {
  /**
   * Counts an attempt at `key` and lets it wait: not at all up to the points of the limit, then 100 ms, and twice as long after each, up to 3 s.
   * False, at once, when it would have to wait and a thousand do already.
   */
  pass(key: string): Promise<boolean>
  /** The attempt at `key` was no wrong one. */
  takeBack(key: string): void
}

const firstMs = 100
/** The longest that anybody waits. */
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
