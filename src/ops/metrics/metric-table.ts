import { hasOwn } from '../../protocol/json.ts'

interface MetricDeclaration {
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels?: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[]
}

const declare = <const D extends MetricDeclaration>(declaration: D): D => declaration
const gauge = (help: string, ...labels: string[]) => declare({ type: 'gauge', help, labels })
const counter = (help: string, ...labels: string[]) => declare({ type: 'counter', help, labels })

const callSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const commitSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1]

/** Metrics that are read at each scrape. */
export const readMetrics = {
  latchkey_build_info: gauge('1; the version of the program', 'version'),
  latchkey_connections: gauge('open connections, by kind of principal', 'kind'),
  latchkey_stored_sessions: gauge('stored sessions whose client is not connected'),
  latchkey_subscriptions: gauge('topic filters of open connections'),
  latchkey_messages_received_total: counter('PUBLISH packets from clients, including requests', 'kind'),
  latchkey_messages_sent_total: counter('PUBLISH packets to clients, including replies', 'kind'),
  latchkey_received_bytes_total: counter('bytes of MQTT from clients', 'kind'),
  latchkey_sent_bytes_total: counter('bytes of MQTT to clients', 'kind'),
  latchkey_messages_dropped_total: counter(
    '`queue-full`: did not fit into the queue of a session; `slow-reader`: at QoS 0, for a client that was behind',
    'reason',
  ),
  latchkey_requests_total: counter(
    'requests answered, by reply code; those of `auth/…` are sign-ins',
    'operation',
    'code',
  ),
  latchkey_refusals_total: counter('publishes and subscriptions refused, by rule of the policy', 'rule'),
  latchkey_connections_refused_total: counter('connections that were not admitted', 'reason'),
  latchkey_commands_refused_total: counter('commands that did not reach their device, by code', 'code'),
  latchkey_faults_total: counter('internal errors; each has a line in the log'),
  latchkey_password_queue: gauge('passwords that wait to be hashed with argon2id'),
  latchkey_wechat_errors_total: counter('times that WeChat could not be reached, or refused our settings'),
  latchkey_event_loop_delay_seconds: gauge(
    'how late timers fired in the last ten seconds: `p50`, `p99` or `max`',
    'stat',
  ),
  latchkey_start_time_seconds: gauge('start of the program, in seconds since 1970'),
  latchkey_process_cpu_seconds_total: counter('CPU time of the process, user and system'),
  latchkey_process_resident_memory_bytes: gauge('memory of the process'),
  latchkey_process_heap_used_bytes: gauge("of it, JavaScript's heap in use"),
  latchkey_process_handles: gauge('sockets, timers and other handles that keep the process alive'),
} as const

/** Metrics that are noted as things happen. */
export const timedMetrics = {
  latchkey_request_duration_seconds: declare({
    type: 'histogram',
    help: 'time from taking a request to its reply',
    labels: ['operation'],
    buckets: callSeconds,
  }),
  latchkey_wechat_request_duration_seconds: declare({
    type: 'histogram',
    help: "time of a request to WeChat's server",
    labels: [],
    buckets: callSeconds,
  }),
  latchkey_store_commit_duration_seconds: declare({
    type: 'histogram',
    help: '`mqtt.db`: committing what one turn wrote; `latchkey.db`: a statement that writes',
    labels: ['database'],
    buckets: commitSeconds,
  }),
} as const

/** Every metric by name. docs/metrics.md is generated from this table. */
export const metricTable: Readonly<Record<string, MetricDeclaration>> = { ...readMetrics, ...timedMetrics }

export type ReadMetric = keyof typeof readMetrics
export const isReadMetric = (name: string): name is ReadMetric => hasOwn(readMetrics, name)
