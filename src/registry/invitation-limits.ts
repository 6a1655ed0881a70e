import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Refusal } from '../domain/refusal.ts'
import { spendPoints } from './spend-points.ts'

/** How many invitations a user may get wrong, and in how long. */
export interface InvitationLimitOptions {
  readonly user: { readonly points: number; readonly durationSeconds: number }
}

/** Keeps invitations from being guessed. */
export interface InvitationLimits {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. */
  spend(userId: string): Promise<Refusal<4029> | undefined>
  /** It was an invitation: the attempt does not count. */
  refund(userId: string): Promise<void>
}

/** In memory; a count is gone when its time is over. */
export function createInvitationLimits({ user }: InvitationLimitOptions): InvitationLimits {
  const users = new RateLimiterMemory({ points: user.points, duration: user.durationSeconds })
  return {
    spend: userId => spendPoints([users, userId]),
    async refund(userId) {
      await users.reward(userId)
    },
  }
}
