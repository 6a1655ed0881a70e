import { hideSecrets } from './hide-secrets.ts'
import { harmlessText, type LogLine } from './log.ts'
import { type LogField, logFields } from './log-fields.ts'

/** Longest value of a field, in characters; a longer one is cut off with an ellipsis. */
const maxValueLength = 256
/** Longest sentence of a line, and longest stack of an error; the rest is not even read. */
const maxTextLength = 4096
/** How many causes of an error its stack includes. */
const maxCauses = 3

/** An error as it is logged. */
export interface LoggedError {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly code?: string
}

/** `line` with only the listed fields and harmless values: see `logFields`. */
export function cleanLine(line: LogLine): LogLine {
  const clean: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(line)) {
    const kept = isLogField(field) ? cleanValue(field, value) : undefined
    if (kept !== undefined) clean[field] = kept
  }
  return { ...clean, event: line.event }
}

/** The sentence of a line, made harmless. */
export const cleanText = (text: string): string => harmless(text, maxTextLength)

const isLogField = (name: string): name is LogField => Object.hasOwn(logFields, name)

/** Drops all objects but the two known ones, since their content may not be harmless. */
function cleanValue(field: LogField, value: unknown): unknown {
  if (field === 'err') return value === undefined ? undefined : cleanError(value)
  if (field === 'ports') return cleanPorts(value)
  if (typeof value === 'string') return harmless(value, maxValueLength)
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}

const cleanPorts = (ports: unknown): Record<string, number> | undefined =>
  typeof ports === 'object' && ports !== null
    ? Object.fromEntries(Object.entries(ports).filter(([, port]) => typeof port === 'number'))
    : undefined

function cleanError(error: unknown): LoggedError {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: typeof error === 'string' ? harmless(error, maxValueLength) : '' }
  }
  const stack = stackOf(error)
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined
  return {
    type: harmless(error.name, maxValueLength),
    message: harmless(error.message, maxValueLength),
    ...(stack && {
      stack: stack
        .split('\n')
        .map(frame => harmless(frame, maxTextLength))
        .join('\n')
        .slice(0, maxTextLength),
    }),
    ...(code !== undefined && { code: harmless(String(code), maxValueLength) }),
  }
}

function stackOf(error: Error, depth = 0): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  if (!(error.cause instanceof Error) || depth === maxCauses) return own
  return `${own}\ncaused by: ${stackOf(error.cause, depth + 1)}`
}

/** Most values are names, addresses and numbers, which need no cleaning: no URL, no quote and no `=` is among these characters. */
const plain = /^[\w .,:-]*$/

function harmless(text: string, maxLength: number): string {
  if (text.length <= maxLength && plain.test(text) && !text.includes('eyJ')) return text
  const hidden = hideSecrets(text.slice(0, maxTextLength))
  const cut = hidden.length > maxLength ? `${hidden.slice(0, maxLength)}…` : hidden
  return harmlessText(cut)
}
