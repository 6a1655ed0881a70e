import type { Events } from '../../domain/events.ts'
import type { HistoryStore, Sample } from '../../domain/history.ts'
import type { Clock } from '../../domain/request.ts'
import { createPortion } from '../../turns/portion.ts'
import type { Scheduler } from '../scheduler.ts'

/** Samples on their way into the store. */
export interface HistoryWriter {
  /** Takes a sample, which is written within about a second. */
  add(sample: Sample): void
  /** Forgets waiting samples of this device. */
  drop(deviceId: string): void
  /** Writes what is waiting, for the last time, without retrying. Never rejects. */
  close(): Promise<void>
}

interface Options {
  readonly store: Pick<HistoryStore, 'record'>
  readonly events: Events
  readonly now: Clock
  readonly scheduler: Scheduler
  /** How many samples may wait; 50,000 by default. */
  readonly maxWaiting?: number
}

const intervalMs = 1000
const quietMs = 60_000
/** How many samples are written at once: a few milliseconds' worth. */
const bounds = { least: 20, most: 100 }

/**
 * Writes once a second, in transactions of a few milliseconds with a turn of the event loop between them. While the store fails, the newest
 * samples are kept and retried; lost ones are announced as 'fault', at most once a minute.
 */
export function createHistoryWriter({ store, events, now, scheduler, maxWaiting = 50_000 }: Options): HistoryWriter {
  const portion = createPortion(bounds)
  let waiting: Sample[] = []
  let lost = 0
  let announcedAtMs = -Infinity
  let armed = false
  let closed = false
  let lastWrite = Promise.resolve()

  function arm(): void {
    if (armed || closed || waiting.length === 0) return
    armed = true
    scheduler.after(intervalMs, () => {
      armed = false
      lastWrite = lastWrite.then(writeAll)
    })
  }

  /** Drops the oldest, a tenth at a time: moving all for every sample would be slow. */
  function trim(): void {
    if (waiting.length <= maxWaiting) return
    const room = Math.floor(maxWaiting * 0.9)
    lost += waiting.length - room
    waiting = waiting.slice(-room)
  }

  async function writeAll(): Promise<void> {
    let left = waiting.length
    while (left > 0 && waiting.length > 0) {
      let batch: Sample[] = []
      try {
        await portion.run(samples => {
          batch = waiting.splice(0, samples)
          left -= batch.length
          return store.record(batch)
        })
      } catch (cause) {
        waiting.unshift(...batch)
        trim()
        announce(cause)
        break
      }
      if (left > 0 && !closed) await new Promise<void>(resolve => scheduler.soon(resolve))
    }
    arm()
  }

  function announce(cause: unknown): void {
    if (closed) lost += waiting.length
    else if (now() - announcedAtMs < quietMs) return
    announcedAtMs = now()
    const reason = `history cannot be written: ${lost} samples were lost, ${closed ? 0 : waiting.length} wait`
    lost = 0
    events.emit('fault', { where: 'writing history', cause: new Error(reason, { cause }) })
  }

  return {
    add(sample) {
      waiting.push(sample)
      trim()
      arm()
    },
    drop(deviceId) {
      waiting = waiting.filter(sample => sample.deviceId !== deviceId)
    },
    close() {
      closed = true
      lastWrite = lastWrite.then(writeAll)
      return lastWrite
    },
  }
}
