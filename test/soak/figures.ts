import { readdirSync } from 'node:fs'
import type { LatchkeyProcess } from '../../scripts/tour/latchkey-process.ts'

/** What the broker says of itself, and the system of its process. */
export interface Figures {
  readonly connections: number
  readonly heapMb: number
  readonly rssMb: number
  /** What keeps Node's event loop alive: sockets, timers, …. */
  readonly handles: number
  /** Open files and sockets; NaN where there is no /proc. */
  readonly descriptors: number
  readonly delayP99Ms: number
  readonly faults: number
  /** Messages that did not fit into a queue. */
  readonly dropped: number
  /** Messages at QoS 0 that slow readers missed. */
  readonly missed: number
}

/** The sum of the samples of a metric in Prometheus' text format whose labels include `label`. Throws when it is not there. */
export function metricIn(text: string, name: string, label = ''): number {
  const lines = text.split('\n').filter(line => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)))
  const values = lines.filter(line => line.includes(label)).map(line => Number(line.slice(line.lastIndexOf(' '))))
  if (values.length === 0) throw new Error(`no metric ${name}`)
  return values.reduce((sum, value) => sum + value, 0)
}

/** Reads them now, from this machine. */
export async function readFigures({ ports, pid }: LatchkeyProcess): Promise<Figures> {
  const answer = await fetch(`http://127.0.0.1:${ports.http}/metrics`, { headers: { connection: 'close' } })
  const text = await answer.text()
  const megabytes = (name: string) => metricIn(text, name) / 2 ** 20
  return {
    connections: metricIn(text, 'latchkey_connections'),
    heapMb: megabytes('latchkey_process_heap_used_bytes'),
    rssMb: megabytes('latchkey_process_resident_memory_bytes'),
    handles: metricIn(text, 'latchkey_process_handles'),
    descriptors: descriptorsOf(pid),
    delayP99Ms: metricIn(text, 'latchkey_event_loop_delay_seconds', 'stat="p99"') * 1000,
    faults: metricIn(text, 'latchkey_faults_total'),
    dropped: metricIn(text, 'latchkey_messages_dropped_total', 'queue-full'),
    missed: metricIn(text, 'latchkey_messages_dropped_total', 'slow-reader'),
  }
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}
