import type { Clock } from '../../domain/request.ts'
import { type AttemptLimit, createAttemptLimit } from '../../limits/attempt-limit.ts'
import { chargeOf, createCountedLimit, type Limit } from '../../limits/counted-limit.ts'

interface Options {
  /** Wrong invitations by one user. */
  readonly user: Limit
}

/** Limits guessing of invitations, by the ids of users. */
export function createInvitationLimits({ user }: Options, now: Clock = Date.now): AttemptLimit<string> {
  const users = createCountedLimit(user, now)
  return createAttemptLimit({ charges: userId => [chargeOf(users, userId)] })
}
