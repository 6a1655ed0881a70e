const dayMs = 24 * 3_600_000
/** So long before a service's token ends its operator is warned, the earliest first: what it is part of has to be changed by hand. */
const warnBeforeMs: readonly number[] = [14 * dayMs, 3 * dayMs, dayMs]
/** A client that has just connected has not subscribed yet. */
const onceConnectedMs = 1000

/** When tokens that are looked at now are warned of for the first time. */
export const firstWarningMs = 14 * dayMs

/** When to warn a session whose service's token has `leftMs` left, in milliseconds from now: at each of the times to come, and at once when one has passed. */
export const serviceWarningsMs = (leftMs: number): number[] => [
  ...(leftMs <= firstWarningMs ? [onceConnectedMs] : []),
  ...warnBeforeMs.filter(beforeMs => beforeMs < leftMs).map(beforeMs => leftMs - beforeMs),
]

/** The last of those times that has come for a token with `leftMs` left, as its distance from the end; undefined when none has. */
export const warningDueMs = (leftMs: number): number | undefined =>
  warnBeforeMs.findLast(beforeMs => leftMs <= beforeMs)
