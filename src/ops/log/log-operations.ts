import type { Events } from '../../domain/events.ts'
import { originOf } from '../../domain/origin.ts'
import type { Handlers } from '../../domain/request.ts'
import { type Log, type LogControl, writeLine } from '../../log/log.ts'

/** Lets operators read and set the level of the log. */
export function createLogOperations({
  log,
  events,
}: {
  readonly log: Log & Pick<LogControl, 'level' | 'setLevel'>
  readonly events: Events
}): Handlers<'ops/log-level'> {
  return {
    async 'ops/log-level'({ level }, context) {
      if (level !== undefined) {
        log.setLevel(level)
        writeLine(log, 'log-level-changed', { logLevel: level })
        events.emit('acted', { ...originOf(context), kind: 'log-level', detail: level })
      }
      return { level: log.level() }
    },
  }
}
