import type { LiveTopics } from '../../domain/live-topics.ts'
import type { Clock } from '../../domain/request.ts'
import { logCatalogue } from '../../log/catalogue.ts'
import type { LogTap } from '../../log/log.ts'
import type { LogLevel } from '../../protocol/log-topic.ts'
import { topics } from '../../protocol/topics.ts'

/** Publishes log lines as JSON to the operators who subscribe to `ops/log/{level}/{module}`. Without subscribers a line costs one look-up. */
export function createLogTail({ live, now }: { readonly live: LiveTopics; readonly now: Clock }): LogTap {
  const json = (level: LogLevel, module: string, line: object, msg: string) =>
    JSON.stringify({ time: new Date(now()).toISOString(), level, module, ...line, msg })

  return {
    wants: (level, event) => live.isFollowed(topics.log(level, logCatalogue[event].module)),
    take(level, line, text) {
      const { module } = logCatalogue[line.event]
      live.publishLive(
        topics.log(level, module),
        () => json(level, module, line, text),
        count =>
          json(level, module, { event: 'lines-missed', count }, 'lines were left out: they were not read fast enough'),
      )
    },
  }
}
