import type { LogLevel } from '../protocol/log-topic.ts'
import { type LogEvent, logCatalogue } from './catalogue.ts'
import type { LogField } from './log-fields.ts'

/** The fields of one line. */
export type LogLine = { readonly event: LogEvent } & { readonly [F in Exclude<LogField, 'event'>]?: unknown }

/** The fields that lines of an event may have. */
export type FieldsOf<E extends LogEvent> = { readonly [F in (typeof logCatalogue)[E]['fields'][number]]?: unknown }

/** Writes log lines, a method a level: `log.info({ event: 'ready', ports }, 'ready')`. Never throws. */
export type Log = { readonly [L in LogLevel]: (line: LogLine, text: string) => void }

/** Writes a line as the table declares it; `more` goes behind its sentence. */
export function writeLine<E extends LogEvent>(log: Log, event: E, fields: FieldsOf<E>, more = ''): void {
  const { level, text } = logCatalogue[event]
  log[level]({ event, ...fields }, text + more)
}

/** Is shown lines besides where they are written to, as clean as those. Must not throw. */
export interface LogTap {
  wants(level: LogLevel, event: LogEvent): boolean
  take(level: LogLevel, line: LogLine, text: string): void
}

/** What can be changed of the log while the program runs. */
export interface LogControl {
  level(): LogLevel | 'silent'
  setLevel(level: LogLevel | 'silent'): void
  /** In place of the tap before; it is shown lines of any level, also of those that are not written. */
  tap(tap: LogTap | undefined): void
}

/** Control characters, and those that reorder or break lines, would let a client forge lines or drive the terminal. */
const dangerous = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu

/** `text` as the log writes it: such a character becomes `\u202e`. */
export const harmlessText = (text: string): string =>
  text.replace(dangerous, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
