import { type RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { type Refusal, refuse } from '../domain/refusal.ts'

/** Takes one point from each, in their order; the first that has none left refuses, and those behind it lose nothing. */
export async function spendPoints(
  ...spent: readonly (readonly [limiter: RateLimiterMemory, key: string])[]
): Promise<Refusal<4029> | undefined> {
  try {
    for (const [limiter, key] of spent) await limiter.consume(key)
    return undefined
  } catch (limit) {
    if (!(limit instanceof RateLimiterRes)) throw limit
    return refuse(4029, { retryAfterSeconds: Math.max(1, Math.ceil(limit.msBeforeNext / 1000)) })
  }
}
