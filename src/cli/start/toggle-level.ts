import { type Log, type LogControl, writeLine } from '../../log/log.ts'
import type { LogLevel } from '../../protocol/log-topic.ts'

/** Has the log say everything from `debug` on; or what it usually says, when it does so already. */
export function toggleLevel(log: Log & LogControl, usual: LogLevel | 'silent', signal: string): void {
  const logLevel = log.level() === 'debug' ? usual : 'debug'
  log.setLevel(logLevel)
  writeLine(log, 'log-level-changed', { logLevel, signal })
}
