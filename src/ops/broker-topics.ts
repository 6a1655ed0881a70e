import type { LiveTopics } from '../domain/live-topics.ts'
import { topics } from '../protocol/topics.ts'
import type { Metrics } from './metrics/create-metrics.ts'
import { createLoadAverages } from './metrics/load-averages.ts'

interface Options {
  readonly metrics: Pick<Metrics, 'version' | 'snapshot' | 'subscriptions'>
  readonly live: LiveTopics
  readonly intervalSeconds: number
}

/**
 * Publishes the broker's figures on `$SYS/broker/…` every `intervalSeconds`, under Mosquitto's names. Some of Mosquitto's figures are missing:
 * packets other than PUBLISH, the maximum of connections, retained messages.
 */
export function startBrokerTopics(options: Options): { close(): void } {
  const { metrics, live, intervalSeconds } = options
  const loads = {
    'publish/received': createLoadAverages(),
    'publish/sent': createLoadAverages(),
    'bytes/received': createLoadAverages(),
    'bytes/sent': createLoadAverages(),
  }

  function figures(): [figure: string, value: string | number][] {
    const { connections, storedSessions, messages, bytes, dropped, at, startedAt } = metrics.snapshot()
    const connected = Object.values(connections).reduce((sum, count) => sum + count, 0)
    const elapsedMs = intervalSeconds * 1000
    loads['publish/received'].note(messages.in, elapsedMs)
    loads['publish/sent'].note(messages.out, elapsedMs)
    loads['bytes/received'].note(bytes.in, elapsedMs)
    loads['bytes/sent'].note(bytes.out, elapsedMs)
    return [
      ['version', `latchkey ${metrics.version}`],
      ['uptime', `${Math.floor((at - startedAt) / 1000)} seconds`],
      ['clients/connected', connected],
      ['clients/disconnected', storedSessions],
      ['clients/total', connected + storedSessions],
      ['subscriptions/count', metrics.subscriptions()],
      ['publish/messages/received', messages.in],
      ['publish/messages/sent', messages.out],
      ['publish/messages/dropped', dropped],
      ['bytes/received', bytes.in],
      ['bytes/sent', bytes.out],
      ...Object.entries(loads).flatMap(([what, load]) =>
        load.entries().map(([window, value]): [string, string] => [`load/${what}/${window}`, value.toFixed(2)]),
      ),
    ]
  }

  const timer = setInterval(() => {
    for (const [figure, value] of figures()) {
      const topic = topics.broker(figure)
      if (live.isFollowed(topic))
        live.publishLive(
          topic,
          () => `${value}`,
          () => `${value}`,
        )
    }
  }, intervalSeconds * 1000).unref()
  return { close: () => clearInterval(timer) }
}
