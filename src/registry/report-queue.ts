import type { Scheduler } from './scheduler.ts'

/** Reports that wait to be folded, in order per device. */
export interface ReportQueue {
  /** Keeps a copy of `payload`. */
  add(deviceId: string, payload: Uint8Array): void
  /** Drops what waits of this device. */
  drop(deviceId: string): void
  /** Folds what waits of this device. */
  take(deviceId: string): void
  /** Folds everything that waits now. */
  drain(): void
}

interface Options {
  /** Takes everything that waits of one device. Must not throw. */
  readonly fold: (deviceId: string, payloads: readonly Uint8Array[]) => void
  readonly scheduler: Pick<Scheduler, 'soon'>
}

const reportsPerTurn = 100
const maxWaitingBytes = 1024 * 1024

interface Waiting {
  readonly payloads: Uint8Array[]
  bytes: number
}

/**
 * Folds off the message path: about a hundred reports, then the event loop goes round. Memory is bounded: a device that has a
 * mebibyte waiting has it folded there and then.
 */
export function createReportQueue({ fold, scheduler }: Options): ReportQueue {
  const queue = new Map<string, Waiting>()
  let scheduled = false

  function schedule(): void {
    if (scheduled || queue.size === 0) return
    scheduled = true
    scheduler.soon(turn)
  }

  function turn(): void {
    scheduled = false
    let left = reportsPerTurn
    for (const [deviceId, { payloads }] of queue) {
      if (left <= 0) break
      left -= payloads.length
      take(deviceId)
    }
    schedule()
  }

  function take(deviceId: string): void {
    const waiting = queue.get(deviceId)
    queue.delete(deviceId)
    if (waiting) fold(deviceId, waiting.payloads)
  }

  return {
    add(deviceId, payload) {
      const waiting = queue.get(deviceId) ?? { payloads: [], bytes: 0 }
      waiting.payloads.push(new Uint8Array(payload))
      waiting.bytes += payload.length
      queue.set(deviceId, waiting)
      if (waiting.bytes > maxWaitingBytes) take(deviceId)
      else schedule()
    },
    take,
    drop: deviceId => void queue.delete(deviceId),
    drain() {
      for (const deviceId of [...queue.keys()]) take(deviceId)
    },
  }
}
