import { type Refusal, slowDown } from '../domain/refusal.ts'
import type { Clock } from '../domain/request.ts'
import { type Charge, charge, type Limit, refund } from './counted-limit.ts'
import { createGrowingDelay, longestDelayMs } from './growing-delay.ts'

/** So many attempts of one kind in so long, in memory; a count is gone when its time is over. */
export interface AttemptLimit<A> {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. Refuses one too many, and says when to try again. */
  spend(attempt: A): Promise<Refusal<4029> | undefined>
  /** It was right, or was not looked at: it does not count. */
  refund(attempt: A): void
}

interface Declaration<A> {
  /** What an attempt counts for. One that finds no room in one of these is refused. */
  readonly charges: (attempt: A) => readonly Charge[]
  /** By what all attempts count together, whoever makes them: more than so many wait, three seconds at most, so that nobody can lock others out. */
  readonly delayed?: { readonly limit: Limit; readonly keyOf: (attempt: A) => string; readonly now: Clock }
}

/** Each operation that has a limit declares it beside its handler, by this. */
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
