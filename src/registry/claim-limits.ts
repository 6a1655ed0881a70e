import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Refusal } from '../domain/refusal.ts'
import { spendPoints } from './spend-points.ts'

/** How many failed claims are answered in a window. */
export interface ClaimLimitOptions {
  readonly perUser: number
  readonly perDevice: number
  readonly windowSeconds: number
}

/** Keeps claim codes, and device ids, from being guessed. */
export interface ClaimLimits {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. */
  spend(userId: string, deviceId: string): Promise<Refusal<4029> | undefined>
  /** The attempt was right: it does not count. */
  refund(userId: string, deviceId: string): Promise<void>
}

const defaults: ClaimLimitOptions = { perUser: 5, perDevice: 20, windowSeconds: 15 * 60 }

/** In memory; what is counted of a user or device is gone after the window. */
export function createClaimLimits(options: Partial<ClaimLimitOptions> = {}): ClaimLimits {
  const { perUser, perDevice, windowSeconds } = { ...defaults, ...options }
  const users = new RateLimiterMemory({ points: perUser, duration: windowSeconds })
  const devices = new RateLimiterMemory({ points: perDevice, duration: windowSeconds })
  return {
    spend: (userId, deviceId) => spendPoints([users, userId], [devices, deviceId]),
    async refund(userId, deviceId) {
      await Promise.all([users.reward(userId), devices.reward(deviceId)])
    },
  }
}
