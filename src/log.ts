import { type DestinationStream, destination as openDestination, pino } from 'pino'
import type { Log, LogLevel, LogLine } from './domain/log.ts'
import { cleanLine, cleanText } from './log/clean-line.ts'
import { openPrettyStream } from './log/pretty-stream.ts'

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

/** Unwritten bytes after which lines are dropped, when whoever reads stdout has stopped reading. */
const maxUnwrittenBytes = 16 * 1024 * 1024

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

/**
 * JSON lines leave without waiting for the reader of stdout, so that a slow one does not stop the broker; nor does a reader that has
 * gone, or a full disk: then lines are lost.
 */
function openOutput(destination: DestinationStream | undefined, sync: boolean) {
  if (destination) return { stream: destination, close: () => Promise.resolve() }
  const stdout = openDestination({ fd: 1, sync, maxLength: maxUnwrittenBytes })
  const closed = new Promise<void>(resolve => stdout.on('error', () => resolve()).on('close', () => resolve()))
  const close = () => {
    stdout.end()
    return closed
  }
  return { stream: stdout, close }
}
