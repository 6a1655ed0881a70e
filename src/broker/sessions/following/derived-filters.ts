import { followedFilters } from '../../../domain/policy.ts'
import type { Principal } from '../../../domain/principal.ts'
import type { SubscriptionOptions } from '../reader.ts'

/** The exact filters for which a user's followed ones stand with today's grants, each at the highest QoS that was asked for. */
export function derivedFilters(
  principal: Principal | undefined,
  followed: ReadonlyMap<string, SubscriptionOptions>,
): ReadonlyMap<string, SubscriptionOptions> {
  const derived = new Map<string, SubscriptionOptions>()
  if (principal?.kind !== 'user') return derived
  for (const [filter, { qos, noLocal, retainAsPublished, identifier }] of followed) {
    const options = {
      qos,
      ...(noLocal && { noLocal }),
      ...(retainAsPublished && { retainAsPublished }),
      ...(identifier !== undefined && { identifier }),
    }
    for (const [deviceId, role] of principal.grants) {
      for (const exact of followedFilters(filter, deviceId, role)) {
        const other = derived.get(exact)
        if (!other || other.qos < qos) derived.set(exact, options)
      }
    }
  }
  return derived
}
