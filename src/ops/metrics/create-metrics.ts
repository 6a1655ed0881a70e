import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import type { DataOf } from '../../protocol/operations.ts'
import { countEvents, knownOperation } from './count-events.ts'
import { openEventLoopDelay } from './event-loop-delay.ts'
import { isReadMetric, type ReadMetric, readMetrics, timedMetrics } from './metric-table.ts'
import { type Figures, type LabelledValue, type MetricSources, readings, subscriptionsOf } from './readings.ts'
import { snapshotOf } from './snapshot.ts'

/** What is counted and measured while the program runs: for Prometheus, and for the console. */
export interface Metrics {
  /** In Prometheus' text format. */
  text(): Promise<string>
  /** The media type of {@link text}. */
  readonly contentType: string
  snapshot(): DataOf<'ops/metrics'>
  /** Topic filters subscribed on open connections. */
  subscriptions(): number
  readonly version: string
  /** WeChat was asked; `failed` when it could not be reached, or refused our settings. */
  wechatAsked(durationMs: number, failed: boolean): void
  /** What was written to a database was committed. */
  committed(database: 'mqtt.db' | 'latchkey.db', durationMs: number): void
  close(): void
}

interface Options {
  readonly events: Events
  readonly sources: MetricSources
  readonly version: string
  readonly now: Clock
}

/** Counts from now on, in a registry of its own. */
export function createMetrics({ events, sources, version, now }: Options): Metrics {
  const startedAtMs = now()
  const registry = new Registry()
  const counted = countEvents(events)
  const delay = openEventLoopDelay()
  const wechat = { calls: 0, errors: 0 }
  const figures = (): Figures => ({ version, startedAtMs, sources, counted, wechat, delay: delay.latest() })
  for (const name of Object.keys(readMetrics).filter(isReadMetric))
    readAtScrape(registry, name, () => readings[name](figures()))

  const timed = <N extends keyof typeof timedMetrics>(name: N) => {
    const { help, labels, buckets } = timedMetrics[name]
    return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] })
  }
  const requests = timed('latchkey_request_duration_seconds')
  const wechatCalls = timed('latchkey_wechat_request_duration_seconds')
  const commits = timed('latchkey_store_commit_duration_seconds')
  const commitsOf = { 'mqtt.db': commits.labels('mqtt.db'), 'latchkey.db': commits.labels('latchkey.db') }
  events.on('request-answered', ({ operation, durationMs }) =>
    requests.labels(knownOperation(operation)).observe(durationMs / 1000),
  )

  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    snapshot: () => snapshotOf(figures(), now()),
    subscriptions: () => subscriptionsOf(sources),
    version,
    wechatAsked(durationMs, failed) {
      wechat.calls++
      if (failed) wechat.errors++
      wechatCalls.observe(durationMs / 1000)
    },
    committed: (database, durationMs) => commitsOf[database].observe(durationMs / 1000),
    close: delay.close,
  }
}

/** Nothing is kept of it: whenever somebody looks, it is read where it is counted. */
function readAtScrape(registry: Registry, name: ReadMetric, read: () => readonly LabelledValue[]): void {
  const { type, help, labels } = readMetrics[name]
  const settings = { name, help, labelNames: labels, registers: [registry] }
  if (type === 'gauge')
    new Gauge({
      ...settings,
      collect() {
        this.reset()
        for (const [by, value] of read()) this.set(by, value)
      },
    })
  else
    new Counter({
      ...settings,
      collect() {
        this.reset()
        for (const [by, value] of read()) this.inc(by, value)
      },
    })
}
