/** A double holds every number of so many significant decimal digits exactly enough to print it; what comes behind them is noise. */
const digits = 14

/**
 * JSON Schema's `multipleOf` on decimal fractions, which doubles only come close to: 19.9 is a multiple of 0.1, though 19.9 / 0.1 is not
 * 199 in a computer. Whole numbers are compared exactly.
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0
  return (Math.round(value / step) * step).toPrecision(digits) === value.toPrecision(digits)
}
