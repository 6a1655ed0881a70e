/** The significant decimal digits that a double always preserves; further digits are noise. */
const digits = 14

/**
 * JSON Schema's `multipleOf` for decimal fractions, which doubles only approximate: 19.9 is a multiple of 0.1, although 19.9 / 0.1 is not 199
 * in floating point. Whole numbers are compared exactly.
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0
  return (Math.round(value / step) * step).toPrecision(digits) === value.toPrecision(digits)
}
