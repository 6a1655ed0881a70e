import type { TrafficCounts } from '../../domain/traffic-counts.ts'
import type { DataOf } from '../../protocol/operations.ts'
import { heapBytes, residentBytes } from './memory.ts'
import { connectionsByKind, type Figures, missedMessages } from './readings.ts'

/** The reply to `ops/metrics`. */
export function snapshotOf(figures: Figures, nowMs: number): DataOf<'ops/metrics'> {
  const { sources, counted, wechat, delay } = figures
  const traffic = Object.values(sources.traffic())
  const sum = (what: keyof TrafficCounts) => traffic.reduce((total, counts) => total + counts[what], 0)
  return {
    at: nowMs,
    startedAt: figures.startedAtMs,
    connections: connectionsByKind(figures),
    storedSessions: sources.storedSessions(),
    messages: { in: sum('messagesIn'), out: sum('messagesOut') },
    bytes: { in: sum('bytesIn'), out: sum('bytesOut') },
    dropped: counted.messagesDropped + missedMessages(figures),
    requests: counted.requests(),
    refusals: counted.refusals(),
    eventLoopDelay: delay,
    memory: { rss: residentBytes(), heapUsed: heapBytes() },
    passwordQueue: sources.passwordQueue(),
    wechat: { ...wechat },
  }
}
