import * as z from 'zod'
import { logFields } from '../../log/log-fields.ts'
import { shownValue } from './shown-value.ts'

/** A log line as it arrives on `ops/log/{level}/{module}`. */
export const shownLineSchema = z.looseObject({ time: z.string(), level: z.string(), msg: z.string() })
export type ShownLine = z.output<typeof shownLineSchema>

/** What a line must be about; a missing field matches every line. */
export interface LineFilter {
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
  readonly deviceId?: string | undefined
}

/** True when a line matches every field that is given, and for every line that says that lines are missing. */
export function matchesLine(line: ShownLine, { userId, clientId, deviceId }: LineFilter): boolean {
  if (line.event === 'lines-missed') return true
  const { principal, target, topic } = line
  const isUser =
    userId === undefined ||
    line.userId === userId ||
    principal === `user:${userId}` ||
    principal === `operator:${userId}` ||
    target === `user:${userId}`
  const isClient = clientId === undefined || line.clientId === clientId || target === `client:${clientId}`
  const isDevice =
    deviceId === undefined ||
    line.deviceId === deviceId ||
    principal === `device:${deviceId}` ||
    target === `device:${deviceId}` ||
    (typeof topic === 'string' && topic.startsWith(`devices/${deviceId}/`))
  return isUser && isClient && isDevice
}

/** One line for people: time, level, sentence, then `field=value`. */
export function textOfLine({ time, level, msg, ...fields }: ShownLine): string {
  const shown = Object.keys(logFields)
    .filter(name => name !== 'event' && fields[name] !== undefined)
    .map(name => `${name}=${shownValue(fields[name])}`)
  return [time, level.toUpperCase().padEnd(5), msg, ...shown].join(' ')
}
