import * as z from 'zod'

/** The longest delay that Node's timers take. */
export const maxTimerMs = 2 ** 31 - 1

export const whole = (min: number, max: number, description: string) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, error).max(max, error).describe(description)
}
export const text = (description: string) => z.string().min(1, 'must not be empty').describe(description)
export const file = (description: string) => z.exactOptional(text(description))
/** An environment variable is text: digits become a number, and the check for a number refuses anything else. */
export const port = (description: string) =>
  z.preprocess(
    value => (typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value),
    whole(0, 65_535, description),
  )
export const notSupportedYet = (description: string) =>
  z.exactOptional(
    z.strictObject({
      url: z
        .string()
        .refine(() => false, 'not supported yet')
        .describe(`${description}; not supported yet`),
    }),
  )

export const limit = (counted: string, more = 'beyond it the answer is 4029') =>
  z.strictObject({
    points: whole(1, 1_000_000, `${counted} within \`durationSeconds\`; ${more}`),
    durationSeconds: whole(1, 86_400, 'length of the window, which begins with the first of them'),
  })
