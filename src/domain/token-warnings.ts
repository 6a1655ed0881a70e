const dayMs = 24 * 3_600_000
/** How long before the end of a service's token its operator is warned, the earliest first: the integration must be changed by hand. */
const warnBeforeMs: readonly number[] = [14 * dayMs, 3 * dayMs, dayMs]
/** A client that has just connected has not subscribed yet. */
const onceConnectedMs = 1000

/** The earliest of these times: tokens that end later need no warning yet. */
export const firstWarningMs = 14 * dayMs

/** When to warn a session whose service token has `leftMs` left, in milliseconds from now: at each time to come, and at once when one has passed. */
export const serviceWarningsMs = (leftMs: number): number[] => [
  ...(leftMs <= firstWarningMs ? [onceConnectedMs] : []),
  ...warnBeforeMs.filter(beforeMs => beforeMs < leftMs).map(beforeMs => leftMs - beforeMs),
]

/** The last of these times that has come for a token with `leftMs` left, as its distance from the end; undefined when none has. */
export const warningDueMs = (leftMs: number): number | undefined =>
  warnBeforeMs.findLast(beforeMs => leftMs <= beforeMs)
