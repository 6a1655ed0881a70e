import { Counter, Gauge, Registry } from 'prom-client'
import type { Clock } from '../../domain/request.ts'
import type { DataOf } from '../../protocol/operations.ts'
import type { Meters } from './meters.ts'
import { isReadMetric, type ReadMetric, readMetrics } from './metric-table.ts'
import { type Figures, type LabelledValue, type MetricSources, readings, subscriptionsOf } from './readings.ts'
import { snapshotOf } from './snapshot.ts'

/** The figures of the running program, for Prometheus and for the console. */
export interface Metrics {
  /** In Prometheus' text format. */
  text(): Promise<string>
  /** The media type of {@link text}. */
  readonly contentType: string
  snapshot(): DataOf<'ops/metrics'>
  /** Topic filters subscribed on open connections. */
  subscriptions(): number
  readonly version: string
}

interface Options {
  readonly meters: Meters
  readonly sources: MetricSources
  readonly version: string
  readonly now: Clock
}

/** Reads all figures at the moment they are asked for. */
export function createMetrics({ meters, sources, version, now }: Options): Metrics {
  const { timed, startedAtMs, counted, wechat, delay } = meters
  const registry = new Registry()
  const figures = (): Figures => ({ version, startedAtMs, sources, counted, wechat, delay: delay() })
  for (const name of Object.keys(readMetrics).filter(isReadMetric))
    readAtScrape(registry, name, () => readings[name](figures()))
  for (const metric of timed) registry.registerMetric(metric)
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    snapshot: () => snapshotOf(figures(), now()),
    subscriptions: () => subscriptionsOf(sources),
    version,
  }
}

/** Registers a metric that is read at each scrape and kept nowhere else. */
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
