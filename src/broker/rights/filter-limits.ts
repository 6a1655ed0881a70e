import type { PrincipalKind } from '../../domain/principal.ts'
import type { BrokerLimits } from '../limits.ts'

export interface FilterBounds {
  readonly perPacket: number
  readonly perSession: number
  /** Of one filter, in characters. */
  readonly maxLength: number
}

const maxLengthOfMqtt = 65_535
/** Several times what any topic of the contract has: a thousand filters of 64 KiB are a hundred megabytes, of a guest too. */
const maxLengthOfOthers = 512

/** Which filters a session may have, and how many one SUBSCRIBE of it may hold: an integration has one for each thing in a house, an app has a few. */
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
    ? { perPacket: filtersPerPacket, perSession: filtersPerSession, maxLength: maxLengthOfMqtt }
    : {
        perPacket: Math.min(filtersPerPacket, filtersPerPacketOfOthers),
        perSession: Math.min(filtersPerSession, filtersPerSessionOfOthers),
        maxLength: maxLengthOfOthers,
      }
