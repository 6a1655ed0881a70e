import { type DestinationStream, pino } from 'pino'
import type { Log, LogLevel, LogLine } from './domain/log.ts'
import { cleanLine, cleanText } from './log/clean-line.ts'
import { openPrettyStream } from './log/pretty-stream.ts'
import { type LogOutput, openGatheredStdout, openTerminal } from './log/stdout.ts'

/** How to log. Without `destination`, to stdout. */
export interface LogOptions {
  readonly level: LogLevel | 'silent'
  /** Lines for people in place of JSON. */
  readonly pretty: boolean
  /** With `pretty`: in colour. */
  readonly colour?: boolean
  readonly destination?: DestinationStream
}

/** A log whose lines may still be on their way out: `close` resolves when they are; what is logged after it is dropped. */
export interface RootLog extends Log {
  close(): Promise<void>
}

/** The root logger: one line a call, only with the fields of the allow-list, JSON unless `pretty`. */
export function createLog({ level, pretty, colour = false, destination }: LogOptions): RootLog {
  const output = openOutput(destination, pretty)
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: error => error },
    },
    pretty ? openPrettyStream(output.stream, colour) : output.stream,
  )
  let closed = false
  const write = (at: LogLevel) => (line: LogLine, text: string) => {
    if (!closed && logger.isLevelEnabled(at)) logger[at](cleanLine(line), cleanText(text))
  }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    close() {
      closed = true
      return output.close()
    },
  }
}

function openOutput(destination: DestinationStream | undefined, pretty: boolean): LogOutput {
  if (destination) return { stream: destination, close: () => Promise.resolve() }
  return pretty ? openTerminal() : openGatheredStdout()
}
