import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Refusal } from '../domain/refusal.ts'
import { spendPoints } from './spend-points.ts'

/** How many invitations a user may get wrong in a window. */
export interface InvitationLimitOptions {
  readonly perUser: number
  readonly windowSeconds: number
}

/** Keeps invitations from being guessed. */
export interface InvitationLimits {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. */
  spend(userId: string): Promise<Refusal<4029> | undefined>
  /** It was an invitation: the attempt does not count. */
  refund(userId: string): Promise<void>
}

const defaults: InvitationLimitOptions = { perUser: 10, windowSeconds: 15 * 60 }

/** In memory; what is counted of a user is gone after the window. */
export function createInvitationLimits(options: Partial<InvitationLimitOptions> = {}): InvitationLimits {
  const { perUser, windowSeconds } = { ...defaults, ...options }
  const users = new RateLimiterMemory({ points: perUser, duration: windowSeconds })
  return {
    spend: userId => spendPoints([users, userId]),
    async refund(userId) {
      await users.reward(userId)
    },
  }
}
