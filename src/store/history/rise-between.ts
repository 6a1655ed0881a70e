/** What reads less than this part of what it read before was reset; what reads a little less is inexact. */
const resetBelow = 0.9

/** By how much a counter went on between two readings, never less than nothing: one that was reset has counted from zero since. */
export function riseBetween(before: number | undefined, value: number): number {
  if (before === undefined) return 0
  if (value >= before) return value - before
  return value < before * resetBelow ? Math.max(value, 0) : 0
}
