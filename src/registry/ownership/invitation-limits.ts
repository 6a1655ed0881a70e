import { type Refusal, slowDown } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { charge, chargeOf, createCountedLimit, type Limit, refund } from '../../limits/counted-limit.ts'

/** How many invitations a user may get wrong, and in how long. */
export interface InvitationLimitOptions {
  readonly user: Limit
}

/** Keeps invitations from being guessed. */
export interface InvitationLimits {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. */
  spend(userId: string): Promise<Refusal<4029> | undefined>
  /** It was an invitation: the attempt does not count. */
  refund(userId: string): Promise<void>
}

/** In memory; a count is gone when its time is over. */
export function createInvitationLimits({ user }: InvitationLimitOptions, now: Clock = Date.now): InvitationLimits {
  const users = createCountedLimit(user, now)
  return {
    spend: async userId => slowDown(charge([chargeOf(users, userId)])),
    refund: async userId => refund([chargeOf(users, userId)]),
  }
}
