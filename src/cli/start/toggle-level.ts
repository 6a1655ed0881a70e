import { type Log, type LogControl, writeLine } from '../../log/log.ts'
import type { LogLevel } from '../../protocol/log-topic.ts'

/** Sets the log to `debug`, or back to its usual level when it is at `debug` already. */
export function toggleLevel(log: Log & LogControl, usual: LogLevel | 'silent', signal: string): void {
  const logLevel = log.level() === 'debug' ? usual : 'debug'
  log.setLevel(logLevel)
  writeLine(log, 'log-level-changed', { logLevel, signal })
}
