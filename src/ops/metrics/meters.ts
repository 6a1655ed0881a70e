import { Histogram } from 'prom-client'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import { countEvents, type EventCounts, knownOperation } from './count-events.ts'
import { createEventLoopDelay, type Delay } from './event-loop-delay.ts'
import { timedMetrics } from './metric-table.ts'

/** What is counted and timed from the first moment on. */
export interface Meters {
  /** The histograms, in the order of the table. */
  readonly timed: readonly Histogram<string>[]
  readonly startedAtMs: number
  readonly counted: EventCounts
  readonly wechat: { readonly calls: number; readonly errors: number }
  /** The delay of the event loop in the last window. */
  delay(): Delay
  /** Notes a request to WeChat; `failed` when WeChat could not be reached or refused our settings. */
  wechatAsked(durationMs: number, failed: boolean): void
  /** Notes a commit to a database. */
  committed(database: 'mqtt.db' | 'latchkey.db', durationMs: number): void
  /** Begins to sample the event loop. */
  start(): void
  close(): void
}

/** Starts counting. */
export function createMeters(events: Events, now: Clock): Meters {
  const delay = createEventLoopDelay()
  const wechat = { calls: 0, errors: 0 }
  const timed = <N extends keyof typeof timedMetrics>(name: N) => {
    const { help, labels, buckets } = timedMetrics[name]
    return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [] })
  }
  const requests = timed('latchkey_request_duration_seconds')
  const wechatCalls = timed('latchkey_wechat_request_duration_seconds')
  const commits = timed('latchkey_store_commit_duration_seconds')
  const commitsOf = { 'mqtt.db': commits.labels('mqtt.db'), 'latchkey.db': commits.labels('latchkey.db') }
  events.on('request-answered', ({ operation, durationMs }) =>
    requests.labels(knownOperation(operation)).observe(durationMs / 1000),
  )

  return {
    timed: [requests, wechatCalls, commits],
    startedAtMs: now(),
    counted: countEvents(events),
    wechat,
    delay: delay.latest,
    wechatAsked(durationMs, failed) {
      wechat.calls++
      if (failed) wechat.errors++
      wechatCalls.observe(durationMs / 1000)
    },
    committed: (database, durationMs) => commitsOf[database].observe(durationMs / 1000),
    start: delay.start,
    close: delay.close,
  }
}
