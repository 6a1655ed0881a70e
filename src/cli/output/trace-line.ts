import * as z from 'zod'
import { shownValue } from './shown-value.ts'

/** A line of a trace, as it comes on `ops/trace/{id}`. */
export const traceLineSchema = z.looseObject({ at: z.number(), what: z.string() })
export type TraceLine = z.output<typeof traceLineSchema>

/** One line for people: time, what, then `field=value`. Topics and payloads are a client's: nothing in them drives a terminal. */
export function textOfTraceLine({ at, what, ...fields }: TraceLine): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shownValue(value)}`)
  return [new Date(at).toISOString(), what.padEnd(18), ...shown].join(' ')
}
