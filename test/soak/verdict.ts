import type { Tallies } from './ledger.ts'

/** What a run found. */
export interface SoakReport {
  readonly minutes: number
  readonly tallies: Readonly<Tallies>
  /** Acknowledged, owed to a stored session, and not there at the end. */
  readonly lost: number
  /** What was published and not acknowledged at the end: its flow and QoS. */
  readonly unacknowledged: readonly string[]
  /** The first of whatever else should not be. */
  readonly complaints: readonly string[]
  readonly faults: number
  /** Messages that the broker dropped from queues. */
  readonly dropped: number
  readonly heapSlopeMbPerHour: number
  /** Before the first client and after the last. */
  readonly handles: { readonly before: number; readonly after: number }
  readonly descriptors: { readonly before: number; readonly after: number }
  readonly connectionsLeft: number
  readonly exitCode: number | null
}

/** The bars: a heap may grow by so much (judged after ten minutes; before that it warms up), and so many more handles may be left. */
export const bars = { heapSlopeMbPerHour: 20, judgedAfterMinutes: 10, handlesLeft: 3 }

/** Why the run is not well, in words; nothing when it is. */
export function problemsOf(report: SoakReport): string[] {
  const { tallies, handles, descriptors, heapSlopeMbPerHour, minutes } = report
  const { received, misordered, duplicated, strays } = tallies
  const isJudged = minutes >= bars.judgedAfterMinutes
  const more = ({ before, after }: SoakReport['handles']) => after - before
  const found: [boolean, string][] = [
    [received === 0, 'nothing was received'],
    [report.lost > 0, `${report.lost} acknowledged messages were lost`],
    [misordered > 0, `${misordered} came out of order`],
    [duplicated > 0, `${duplicated} came twice`],
    [strays > 0, `${strays} came to whom they were not for`],
    [report.unacknowledged.length > 0, `never acknowledged: ${report.unacknowledged.slice(0, 20).join('; ')}`],
    [report.complaints.length > 0, `complaints: ${report.complaints.join('; ')}`],
    [report.faults > 0, `${report.faults} faults of the broker`],
    [report.dropped > 0, `${report.dropped} messages dropped from queues`],
    [report.connectionsLeft > 0, `${report.connectionsLeft} connections are left`],
    [more(handles) > bars.handlesLeft, `${more(handles)} handles are left`],
    [more(descriptors) > bars.handlesLeft, `${more(descriptors)} descriptors are left`],
    [
      isJudged && heapSlopeMbPerHour > bars.heapSlopeMbPerHour,
      `the heap grows by ${heapSlopeMbPerHour.toFixed(1)} MB/h`,
    ],
    [report.exitCode !== 0, `the broker ended with ${report.exitCode}`],
  ]
  return found.flatMap(([isSo, problem]) => (isSo ? [problem] : []))
}
