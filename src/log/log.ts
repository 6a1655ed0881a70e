import type { LogLevel } from '../protocol/log-topic.ts'
import { type LogEvent, logCatalogue } from './catalogue.ts'
import type { LogField } from './log-fields.ts'

/** The fields of one line. */
export type LogLine = { readonly event: LogEvent } & { readonly [F in Exclude<LogField, 'event'>]?: unknown }

/** The fields that lines of an event may have. */
export type FieldsOf<E extends LogEvent> = { readonly [F in (typeof logCatalogue)[E]['fields'][number]]?: unknown }

/** Writes log lines, a method a level: `log.info({ event: 'ready', ports }, 'ready')`. Never throws. */
export type Log = { readonly [L in LogLevel]: (line: LogLine, text: string) => void }

/** Writes a line as the catalogue declares it, with `more` after its sentence. */
export function writeLine<E extends LogEvent>(log: Log, event: E, fields: FieldsOf<E>, more = ''): void {
  const { level, text } = logCatalogue[event]
  log[level]({ event, ...fields }, text + more)
}

/** Receives lines in addition to the outputs, cleaned like those. Must not throw. */
export interface LogTap {
  wants(level: LogLevel, event: LogEvent): boolean
  take(level: LogLevel, line: LogLine, text: string): void
}

/** What can be changed about the log while the program runs. */
export interface LogControl {
  level(): LogLevel | 'silent'
  setLevel(level: LogLevel | 'silent'): void
  /** Replaces the tap. It receives lines of every level, also those that are not written. */
  tap(tap: LogTap | undefined): void
}

/** Matches control characters, and those that reorder or break lines: a client could forge lines or control the terminal with them. */
const dangerous = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu

/** `text` as the log writes it, with such characters escaped, for example `\u202e`. */
export const harmlessText = (text: string): string =>
  text.replace(dangerous, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
