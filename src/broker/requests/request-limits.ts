import type { Origin } from '../../domain/origin.ts'
import { principalName } from '../../domain/principal.ts'
import { type Refusal, refuse } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { createWindowedCounts } from '../../limits/windowed-counts.ts'
import { networkOf } from '../../network/counted-networks.ts'
import type { OperationName } from '../../protocol/operations.ts'

export interface RequestLimitOptions {
  /** Requests of one operation in a minute, unless `requestsPerMinuteOf` has a number for it. */
  readonly requestsPerMinute: number
  /** By operation, in place of `requestsPerMinute`. */
  readonly requestsPerMinuteOf: Readonly<Partial<Record<OperationName, number>>>
}

/** Counts requests, each operation separately and all unknown ones together, so that too many of one do not limit the others. */
export interface RequestLimits {
  /** Counts a request. Refuses it when there were too many, and says when to ask again. */
  count(by: Origin, operation: OperationName | 'unknown'): Refusal<4029> | undefined
}

const windowMs = 60_000

/**
 * Counts in memory, minute by minute: a principal with a name over all its connections; a guest by client id and network, because a stranger may use the same
 * id.
 */
export function createRequestLimits(limits: RequestLimitOptions, now: Clock): RequestLimits {
  const { requestsPerMinute, requestsPerMinuteOf } = limits
  const counts = createWindowedCounts(windowMs, now)

  return {
    count({ clientId, address, principal }, operation) {
      const who = principal.kind === 'guest' ? `guest:${networkOf(address)} ${clientId}` : principalName(principal)
      const most = operation === 'unknown' ? undefined : requestsPerMinuteOf[operation]
      if (counts.add(`${operation} ${who}`) <= (most ?? requestsPerMinute)) return undefined
      return refuse(4029, { retryAfterSeconds: Math.ceil(counts.leftMs() / 1000) })
    },
  }
}
