import * as z from 'zod'
import { shownValue } from './shown-value.ts'

/** A line of a trace, as it arrives on `ops/trace/{id}`. */
export const traceLineSchema = z.looseObject({ at: z.number(), what: z.string() })
export type TraceLine = z.output<typeof traceLineSchema>

/** One line for people: time, what, then `field=value`. Nothing that a client sent, in a topic or a payload, can control a terminal. */
export function textOfTraceLine({ at, what, ...fields }: TraceLine): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shownValue(value)}`)
  return [new Date(at).toISOString(), what.padEnd(18), ...shown].join(' ')
}
