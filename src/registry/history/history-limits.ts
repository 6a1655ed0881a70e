import { type Refusal, slowDown } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { charge, chargeOf, createCountedLimit } from '../../limits/counted-limit.ts'

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

/** Enough for a page of charts. One answer out of 100,000 samples took 70 to 110 ms, there and back, on a busy machine. */
const defaults: HistoryLimitOptions = { perUser: 30, windowSeconds: 10 }

/** In memory; what is counted of a user is gone after the window. */
export function createHistoryLimits(options: Partial<HistoryLimitOptions> = {}, now: Clock = Date.now): HistoryLimits {
  const { perUser, windowSeconds } = { ...defaults, ...options }
  const users = createCountedLimit({ points: perUser, durationSeconds: windowSeconds }, now)
  return {
    spend: async userId => slowDown(charge([chargeOf(users, userId)])),
  }
}
