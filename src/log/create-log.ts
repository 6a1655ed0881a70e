import { type DestinationStream, pino } from 'pino'
import type { LogLevel } from '../protocol/log-topic.ts'
import { cleanLine, cleanText } from './clean-line.ts'
import { type Log, type LogControl, type LogLine, type LogTap, writeLine } from './log.ts'
import type { LogFile } from './outputs/log-file.ts'
import type { LogOutput } from './outputs/log-output.ts'
import { openPrettyStream } from './outputs/pretty-stream.ts'
import { openGatheredStdout } from './outputs/stdout.ts'
import { openTerminal } from './outputs/terminal.ts'

/** How to log. Without `destination`, to stdout. */
export interface LogOptions {
  readonly level: LogLevel | 'silent'
  /** Lines for people instead of JSON. */
  readonly pretty: boolean
  /** With `pretty`: in colour. */
  readonly colour?: boolean
  readonly destination?: DestinationStream
  /** Takes the same lines, as JSON. */
  readonly file?: LogFile
}

/** A log that writes its lines later: `close` resolves when they are written, and later lines are dropped. */
export interface RootLog extends Log, LogControl {
  close(): Promise<void>
}

const tellFaultsEveryMs = 60_000

/** The root logger: one line a call, with only the fields of the allow-list; JSON unless `pretty`. */
export function createLog({ level, pretty, colour = false, destination, file }: LogOptions): RootLog {
  const output = openOutput(destination, pretty)
  const shown = pretty ? openPrettyStream(output.stream, colour) : output.stream
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: error => error },
    },
    file ? both(shown, file.stream) : shown,
  )
  let closed = false
  let tapped: LogTap | undefined
  const write = (at: LogLevel) => (line: LogLine, text: string) => {
    if (closed) return
    const isWritten = logger.isLevelEnabled(at)
    const isTapped = tapped?.wants(at, line.event) === true
    if (!isWritten && !isTapped) return
    const clean = cleanLine(line)
    const sentence = cleanText(text)
    if (isWritten) logger[at](clean, sentence)
    if (isTapped) tapped?.take(at, clean, sentence)
  }
  let current = level
  const log = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  }
  let faultToldAtMs = Number.NEGATIVE_INFINITY
  file?.onFault(err => {
    if (performance.now() - faultToldAtMs < tellFaultsEveryMs) return // the line about it may not be written either
    faultToldAtMs = performance.now()
    writeLine(log, 'fault', { where: 'log file', err }, ': log file')
  })
  return {
    ...log,
    level: () => current,
    setLevel(next: LogLevel | 'silent') {
      current = next
      logger.level = next
    },
    tap(next: LogTap | undefined) {
      tapped = next
    },
    async close() {
      closed = true
      await Promise.all([output.close(), file?.close()])
    },
  }
}

const both = (one: DestinationStream, other: DestinationStream): DestinationStream => ({
  write(line) {
    one.write(line)
    other.write(line)
  },
})

function openOutput(destination: DestinationStream | undefined, pretty: boolean): LogOutput {
  if (destination) return { stream: destination, close: () => Promise.resolve() }
  return pretty ? openTerminal() : openGatheredStdout()
}
