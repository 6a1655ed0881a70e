import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { type Refusal, refuse } from '../domain/refusal.ts'

/** How many questions about history a user may ask in a window. */
export interface HistoryLimitOptions {
  readonly perUser: number
  readonly windowSeconds: number
}

/** Keeps one user's charts from taking the time of everybody's messages. */
export interface HistoryLimits {
  /** Counts a question before it is looked at. */
  spend(userId: string): Promise<Refusal<4029> | undefined>
}

/** A guess: enough for a page of charts. One answer out of 100,000 samples took 70 to 110 ms, there and back, on a busy machine. */
const defaults: HistoryLimitOptions = { perUser: 60, windowSeconds: 10 }

/** In memory; what is counted of a user is gone after the window. */
export function createHistoryLimits(options: Partial<HistoryLimitOptions> = {}): HistoryLimits {
  const { perUser, windowSeconds } = { ...defaults, ...options }
  const users = new RateLimiterMemory({ points: perUser, duration: windowSeconds })
  return {
    async spend(userId) {
      try {
        await users.consume(userId)
        return undefined
      } catch (limit) {
        if (!(limit instanceof RateLimiterRes)) throw limit
        return refuse(4029, { retryAfterSeconds: Math.max(1, Math.ceil(limit.msBeforeNext / 1000)) })
      }
    },
  }
}
