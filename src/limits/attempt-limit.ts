import { type Refusal, slowDown } from '../domain/refusal.ts'
import type { Clock } from '../domain/request.ts'
import { type Charge, charge, type Limit, refund } from './counted-limit.ts'
import { createGrowingDelay, longestDelayMs } from './growing-delay.ts'

/** Limits attempts of one kind within a time, in memory. */
export interface AttemptLimit<A> {
  /** Counts an attempt before it is checked, so that simultaneous attempts count too. Refuses one too many, and says when to try again. */
  spend(attempt: A): Promise<Refusal<4029> | undefined>
  /** Takes back an attempt that was right, or was not checked. */
  refund(attempt: A): void
}

interface Declaration<A> {
  /** What an attempt counts towards. It is refused when one of these has no room. */
  readonly charges: (attempt: A) => readonly Charge[]
  /** Counts the attempts of everybody together. Beyond the limit they are delayed by up to three seconds, so that nobody can lock others out. */
  readonly delayed?: { readonly limit: Limit; readonly keyOf: (attempt: A) => string; readonly now: Clock }
}

/** Operations declare their limits with it, beside their handlers. */
export function createAttemptLimit<A>({ charges, delayed }: Declaration<A>): AttemptLimit<A> {
  const everywhere = delayed && createGrowingDelay(delayed.limit, delayed.now)

  function takeBack(attempt: A): void {
    refund(charges(attempt))
    if (delayed) everywhere?.takeBack(delayed.keyOf(attempt))
  }

  return {
    async spend(attempt) {
      const own = charges(attempt)
      const tooManyOfOwn = slowDown(charge(own))
      if (tooManyOfOwn || !delayed) return tooManyOfOwn
      const isFirst = own.every(({ limit, key }) => limit.count(key) === 1)
      if ((await everywhere?.pass(delayed.keyOf(attempt))) || isFirst) return undefined
      takeBack(attempt)
      return slowDown(longestDelayMs)
    },
    refund: takeBack,
  }
}
