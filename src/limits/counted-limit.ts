import type { Clock } from '../domain/request.ts'
import { networksOf } from '../network/counted-networks.ts'

/** A number of points within a time. The time of a key begins with its first. */
export interface Limit {
  readonly points: number
  readonly durationSeconds: number
}

/** Counts by key in memory, against a limit for each. */
export interface CountedLimit {
  readonly points: number
  count(key: string): number
  /** Milliseconds until the count of `key` is forgotten; 0 when there is none. */
  leftMs(key: string): number
  /** Adds `more`, which may be negative, to the count of `key`; a count never falls below 0. */
  add(key: string, more: number): void
  forget(key: string): void
}

/** What one event counts towards: a key of a limit, which may have `share` times the points. */
export interface Charge {
  readonly limit: CountedLimit
  readonly key: string
  readonly share: number
}

/** How many ended counts one new count removes: they go faster than they come, and never many in one turn. */
const clearedAtOnce = 8

/** A limit within a time. */
export const createCountedLimit = ({ points, durationSeconds }: Limit, now: Clock): CountedLimit =>
  countWithin(points, durationSeconds * 1000, now)

/** A limit of what exists at once: a count ends when everything added is taken back. */
export const createOpenLimit = (points: number): CountedLimit => countWithin(points, Number.POSITIVE_INFINITY, () => 0)

function countWithin(points: number, durationMs: number, now: Clock): CountedLimit {
  /** In the order in which they end, since all last equally long. */
  const counts = new Map<string, { count: number; readonly endsAtMs: number }>()

  /** The time that is left; none when the clock was set back. */
  const leftOf = (endsAtMs: number) => {
    const leftMs = endsAtMs - now()
    return leftMs > durationMs ? 0 : Math.max(0, leftMs)
  }
  function known(key: string) {
    const found = counts.get(key)
    return found && leftOf(found.endsAtMs) > 0 ? found : undefined
  }
  function clearEnded(): void {
    let left = clearedAtOnce
    for (const [key, { endsAtMs }] of counts) {
      if (left-- === 0 || leftOf(endsAtMs) > 0) return
      counts.delete(key)
    }
  }

  return {
    points,
    count: key => known(key)?.count ?? 0,
    leftMs: key => leftOf(known(key)?.endsAtMs ?? now()),
    add(key, more) {
      const found = known(key)
      if (found) found.count += more
      else {
        counts.delete(key) // an ended count has its place among older ones
        if (more > 0) counts.set(key, { count: more, endsAtMs: now() + durationMs })
        clearEnded()
      }
      if (found && found.count <= 0) counts.delete(key)
    },
    forget: key => void counts.delete(key),
  }
}

/** One charge. */
export const chargeOf = (limit: CountedLimit, key: string): Charge => ({ limit, key, share: 1 })

/** One charge for each network of `address`, the narrowest first; counted separately for each `what`. */
export const networkCharges = (limit: CountedLimit, address: string, what = ''): Charge[] =>
  networksOf(address).map(({ network, share }) => ({ limit, key: `${network} ${what}`, share }))

/** Milliseconds until there is room for all of `charges`; 0 when there is. The first charge without room decides. */
export function waitFor(charges: readonly Charge[]): number {
  const full = charges.find(({ limit, key, share }) => limit.count(key) >= limit.points * share)
  return full ? Math.max(1, full.limit.leftMs(full.key)) : 0
}

/** Counts all of `charges`, or none when one of them has no room. Returns the time to wait, like {@link waitFor}. */
export function charge(charges: readonly Charge[]): number {
  const waitMs = waitFor(charges)
  if (waitMs === 0) for (const { limit, key } of charges) limit.add(key, 1)
  return waitMs
}

/** Takes back what {@link charge} counted. */
export function refund(charges: readonly Charge[]): void {
  for (const { limit, key } of charges) limit.add(key, -1)
}
