import { followedFilters } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Qos } from './session.ts'

/** The exact filters that a user's followed ones stand for with today's grants, each at the highest QoS that was asked. */
export function derivedFilters(principal: Principal, followed: ReadonlyMap<string, Qos>): Map<string, Qos> {
  const derived = new Map<string, Qos>()
  if (principal.kind !== 'user') return derived
  for (const [filter, qos] of followed) {
    for (const [deviceId, role] of principal.grants) {
      for (const exact of followedFilters(filter, deviceId, role)) {
        derived.set(exact, maxQos(qos, derived.get(exact)))
      }
    }
  }
  return derived
}

/** The higher of two, of which the second may be missing. */
export const maxQos = (qos: Qos, other: Qos | undefined): Qos => (other !== undefined && other > qos ? other : qos)
