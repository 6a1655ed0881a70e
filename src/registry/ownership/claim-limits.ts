import type { Clock } from '../../domain/request.ts'
import { type AttemptLimit, createAttemptLimit } from '../../limits/attempt-limit.ts'
import { chargeOf, createCountedLimit, type Limit } from '../../limits/counted-limit.ts'

interface Options {
  /** Failed claims by one user. */
  readonly user: Limit
  /** Failed claims of one device by anybody; more are delayed. */
  readonly device: Limit
}

/** Limits guessing of claim codes and device ids. */
export type ClaimLimits = AttemptLimit<{ readonly userId: string; readonly deviceId: string }>

export function createClaimLimits({ user, device }: Options, now: Clock = Date.now): ClaimLimits {
  const users = createCountedLimit(user, now)
  return createAttemptLimit({
    charges: ({ userId }) => [chargeOf(users, userId)],
    delayed: { limit: device, keyOf: ({ deviceId }) => deviceId, now },
  })
}
