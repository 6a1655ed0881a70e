import type { DestinationStream } from 'pino'
import { prettyFactory } from 'pino-pretty'
import { logFields } from '../log-fields.ts'

/** Turns JSON lines into lines for people: time, level, sentence, then `field=value`; an error's stack below. */
export function openPrettyStream(destination: DestinationStream, colour: boolean): DestinationStream {
  const format = prettyFactory({
    colorize: colour,
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: true,
    messageFormat: (line, messageKey, _level, { colors }) =>
      `${line[messageKey]}${colors.gray(fieldsOf(line))}${stackOf(line.err)}`,
  })
  return { write: line => destination.write(format(line)) }
}

function fieldsOf(line: Readonly<Record<string, unknown>>): string {
  const fields = Object.keys(logFields).filter(
    field => field !== 'event' && field !== 'err' && line[field] !== undefined,
  )
  return fields.map(field => ` ${field}=${shown(line[field])}`).join('')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, number]) => `${name}:${number}`)
    .join(',')
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const text = 'stack' in error ? error.stack : 'message' in error ? error.message : ''
  return `\n    ${String(text).replaceAll('\n', '\n    ')}`
}
