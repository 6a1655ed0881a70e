import type { PrincipalKind } from '../../domain/principal.ts'
import type { BrokerLimits } from '../limits.ts'

export interface FilterBounds {
  readonly perPacket: number
  readonly perSession: number
}

/** How many filters a session may have, and one SUBSCRIBE of it may hold: an integration has one for each thing in a house, an app has a few. */
export const filterBoundsOf = (
  kind: PrincipalKind,
  {
    filtersPerPacket,
    filtersPerSession,
    filtersPerPacketOfOthers,
    filtersPerSessionOfOthers,
  }: Pick<
    BrokerLimits,
    'filtersPerPacket' | 'filtersPerSession' | 'filtersPerPacketOfOthers' | 'filtersPerSessionOfOthers'
  >,
): FilterBounds =>
  kind === 'service'
    ? { perPacket: filtersPerPacket, perSession: filtersPerSession }
    : {
        perPacket: Math.min(filtersPerPacket, filtersPerPacketOfOthers),
        perSession: Math.min(filtersPerSession, filtersPerSessionOfOthers),
      }
