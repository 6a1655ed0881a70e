import * as z from 'zod'

/** A line of a trace, as it comes on `ops/trace/{id}`. */
export const traceLineSchema = z.looseObject({ at: z.number(), what: z.string() })
export type TraceLine = z.output<typeof traceLineSchema>

/** One line for people: time, what, then `field=value`. Topics and payloads are a client's: nothing in them drives a terminal. */
export function textOfTraceLine({ at, what, ...fields }: TraceLine): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shownValue(value)}`)
  return [new Date(at).toISOString(), what.padEnd(18), ...shown].join(' ')
}

/** JSON in ASCII: what it escapes cannot drive a terminal, nor turn the direction of a line. */
export const inAscii = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

const shownValue = (value: unknown): string =>
  typeof value === 'string' && /^[\w.:/@+#-]+$/.test(value) ? value : inAscii(value)
