import { type Refusal, slowDown } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { charge, chargeOf, createCountedLimit, type Limit, refund } from '../../limits/counted-limit.ts'
import { createGrowingDelay, longestDelayMs } from '../../limits/growing-delay.ts'

export interface ClaimLimitOptions {
  /** Failed claims of one user. */
  readonly user: Limit
  /** Failed claims of one device, by anybody; more are delayed. */
  readonly device: Limit
}

/** Keeps claim codes, and device ids, from being guessed. */
export interface ClaimLimits {
  /**
   * Counts an attempt before it is looked at, so that attempts at the same time are counted too. Refuses a user who failed too often; what others
   * tried at this device only makes it wait, three seconds at most.
   */
  spend(userId: string, deviceId: string): Promise<Refusal<4029> | undefined>
  /** The attempt was right: it does not count. */
  refund(userId: string, deviceId: string): Promise<void>
}

/** In memory; a count is gone when its time is over. */
export function createClaimLimits({ user, device }: ClaimLimitOptions, now: Clock = Date.now): ClaimLimits {
  const users = createCountedLimit(user, now)
  const devices = createGrowingDelay(device, now)
  return {
    async spend(userId, deviceId) {
      const own = [chargeOf(users, userId)]
      const tooManyOfOwn = slowDown(charge(own))
      if (tooManyOfOwn) return tooManyOfOwn
      const isFirst = users.count(userId) === 1
      if ((await devices.pass(deviceId)) || isFirst) return undefined
      refund(own)
      devices.takeBack(deviceId)
      return slowDown(longestDelayMs)
    },
    async refund(userId, deviceId) {
      refund([chargeOf(users, userId)])
      devices.takeBack(deviceId)
    },
  }
}
