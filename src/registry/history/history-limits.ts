import type { Clock } from '../../domain/request.ts'
import { type AttemptLimit, createAttemptLimit } from '../../limits/attempt-limit.ts'
import { chargeOf, createCountedLimit, type Limit } from '../../limits/counted-limit.ts'

/** Enough for a page of charts. An answer from 100,000 samples took 70 to 110 ms, there and back, on a busy machine. */
const questionsOfUser: Limit = { points: 30, durationSeconds: 10 }

/** Keeps one user's charts from delaying everybody's messages, by the ids of users. */
export function createHistoryLimits(now: Clock = Date.now): Pick<AttemptLimit<string>, 'spend'> {
  const users = createCountedLimit(questionsOfUser, now)
  return createAttemptLimit({ charges: userId => [chargeOf(users, userId)] })
}
