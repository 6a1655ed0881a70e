import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Refusal } from '../domain/refusal.ts'
import { spendPoints } from './spend-points.ts'

interface Limit {
  readonly points: number
  readonly durationSeconds: number
}

/** How many failed claims are answered, and in how long. */
export interface ClaimLimitOptions {
  readonly user: Limit
  readonly device: Limit
}

/** Keeps claim codes, and device ids, from being guessed. */
export interface ClaimLimits {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. */
  spend(userId: string, deviceId: string): Promise<Refusal<4029> | undefined>
  /** The attempt was right: it does not count. */
  refund(userId: string, deviceId: string): Promise<void>
}

/** In memory; a count is gone when its time is over. */
export function createClaimLimits({ user, device }: ClaimLimitOptions): ClaimLimits {
  const users = new RateLimiterMemory({ points: user.points, duration: user.durationSeconds })
  const devices = new RateLimiterMemory({ points: device.points, duration: device.durationSeconds })
  return {
    spend: (userId, deviceId) => spendPoints([users, userId], [devices, deviceId]),
    async refund(userId, deviceId) {
      await Promise.all([users.reward(userId), devices.reward(deviceId)])
    },
  }
}
