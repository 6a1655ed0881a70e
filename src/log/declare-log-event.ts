import type { LogLevel, LogModule } from '../protocol/log-topic.ts'
import type { LogField } from './log-fields.ts'

interface LogEventDeclaration {
  readonly level: LogLevel
  readonly module: LogModule
  /** The line's sentence. */
  readonly text: string
  readonly fields: readonly LogField[]
}

/** Declares a line of the log, and keeps its literal types. */
export const declare = <const D extends LogEventDeclaration>(declaration: D): D => declaration
