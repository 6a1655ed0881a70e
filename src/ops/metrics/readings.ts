import type { OpenSession } from '../../domain/open-sessions.ts'
import type { PrincipalKind } from '../../domain/principal.ts'
import type { TrafficByKind, TrafficCounts } from '../../domain/traffic-counts.ts'
import type { EventCounts } from './count-events.ts'
import type { Delay } from './event-loop-delay.ts'
import { heapBytes, residentBytes } from './memory.ts'
import type { ReadMetric } from './metric-table.ts'

/** Sources of the figures that others keep; read only at a scrape. */
export interface MetricSources {
  /** Open sessions. */
  sessions(): Iterable<Pick<OpenSession, 'principal' | 'filters'>>
  /** Sessions kept for clients that are not connected. */
  storedSessions(): number
  traffic(): TrafficByKind
  /** Passwords that wait to be hashed with argon2id. */
  passwordQueue(): number
}

/** All figures at one moment. */
export interface Figures {
  readonly version: string
  readonly startedAtMs: number
  readonly sources: MetricSources
  readonly counted: EventCounts
  readonly wechat: { readonly calls: number; readonly errors: number }
  readonly delay: Delay
}

/** One value of a metric, with its labels. */
export type LabelledValue = readonly [labels: Readonly<Record<string, string | number>>, value: number]

const one = (value: number): LabelledValue[] => [[{}, value]]
const traffic = ({ sources }: Figures, what: keyof TrafficCounts): LabelledValue[] =>
  Object.entries(sources.traffic()).map(([kind, counts]): LabelledValue => [{ kind }, counts[what]])

/** Open connections by kind of principal. */
export function connectionsByKind({ sources }: Figures): Record<PrincipalKind, number> {
  const open = { guest: 0, user: 0, operator: 0, device: 0, service: 0 }
  for (const { principal } of sources.sessions()) open[principal.kind]++
  return open
}

/** Topic filters of open connections. */
export function subscriptionsOf(sources: MetricSources): number {
  let filters = 0
  for (const session of sources.sessions()) filters += session.filters
  return filters
}

/** QoS 0 messages that slow readers missed. */
export const missedMessages = ({ sources }: Figures): number =>
  Object.values(sources.traffic()).reduce((sum, { missed }) => sum + missed, 0)

/** How each metric is read. */
export const readings: Readonly<Record<ReadMetric, (figures: Figures) => readonly LabelledValue[]>> = {
  latchkey_build_info: ({ version }) => [[{ version }, 1]],
  latchkey_connections: figures =>
    Object.entries(connectionsByKind(figures)).map(([kind, count]): LabelledValue => [{ kind }, count]),
  latchkey_stored_sessions: ({ sources }) => one(sources.storedSessions()),
  latchkey_subscriptions: ({ sources }) => one(subscriptionsOf(sources)),
  latchkey_messages_received_total: figures => traffic(figures, 'messagesIn'),
  latchkey_messages_sent_total: figures => traffic(figures, 'messagesOut'),
  latchkey_received_bytes_total: figures => traffic(figures, 'bytesIn'),
  latchkey_sent_bytes_total: figures => traffic(figures, 'bytesOut'),
  latchkey_messages_dropped_total: figures => [
    [{ reason: 'queue-full' }, figures.counted.messagesDropped],
    [{ reason: 'slow-reader' }, missedMessages(figures)],
  ],
  latchkey_requests_total: ({ counted }) =>
    counted.requests().map(({ operation, code, count }): LabelledValue => [{ operation, code }, count]),
  latchkey_refusals_total: ({ counted }) =>
    counted.refusals().map(({ rule, count }): LabelledValue => [{ rule }, count]),
  latchkey_connections_refused_total: ({ counted }) =>
    counted.connectionsRefused().map(([reason, count]): LabelledValue => [{ reason }, count]),
  latchkey_commands_refused_total: ({ counted }) =>
    counted.commandsRefused().map(([code, count]): LabelledValue => [{ code }, count]),
  latchkey_faults_total: ({ counted }) => one(counted.faults),
  latchkey_password_queue: ({ sources }) => one(sources.passwordQueue()),
  latchkey_wechat_errors_total: ({ wechat }) => one(wechat.errors),
  latchkey_event_loop_delay_seconds: ({ delay }) =>
    Object.entries(delay).map(([stat, seconds]): LabelledValue => [{ stat }, seconds]),
  latchkey_start_time_seconds: ({ startedAtMs }) => one(startedAtMs / 1000),
  latchkey_process_cpu_seconds_total: () => {
    const { user, system } = process.cpuUsage()
    return one((user + system) / 1e6)
  },
  latchkey_process_resident_memory_bytes: () => one(residentBytes()),
  latchkey_process_heap_used_bytes: () => one(heapBytes()),
  latchkey_process_handles: () => one(process.getActiveResourcesInfo().length),
}
