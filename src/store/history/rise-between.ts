/** A counter that falls below this part of its last reading was reset; one that falls a little is inexact. */
const resetBelow = 0.9

/** How much a counter rose between two readings, never less than 0: one that was reset has counted from 0 since. */
export function riseBetween(before: number | undefined, value: number): number {
  if (before === undefined) return 0
  if (value >= before) return value - before
  return value < before * resetBelow ? Math.max(value, 0) : 0
}
