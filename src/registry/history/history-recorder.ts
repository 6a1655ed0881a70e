import type { Sample } from '../../domain/history.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Clock } from '../../domain/request.ts'
import type { ThingModel } from '../../protocol/thing-model.ts'
import type { Scheduler } from '../scheduler.ts'
import { isRecorded, recordedValue } from './history-properties.ts'

/** Decides which values of which properties become samples. */
export interface HistoryRecorder {
  /** A report has changed the device's state from `before` to `after`. Never throws, and writes nothing yet. */
  folded(deviceId: string, model: ThingModel, before: JsonObject, after: JsonObject): void
  /** Forgets values of this device that are held back. */
  drop(deviceId: string): void
  /** Hands over every value that is held back, now. */
  flush(): void
}

interface Options {
  readonly minIntervalMs: number
  readonly write: (sample: Sample) => void
  readonly now: Clock
  readonly scheduler: Pick<Scheduler, 'after'>
}

/** The time after a sample of a property during which the newest value is held back. */
interface Interval {
  readonly startedAtMs: number
  readonly written: Sample
  held?: Sample
}

const lookEveryMs = 1000

/**
 * A changed value becomes a sample at once if its property had none for `minIntervalMs`; otherwise it is held back. When the interval ends, the
 * newest value held back becomes a sample, with the time of its change, and begins the next interval. A property is forgotten when its interval ends.
 */
export function createHistoryRecorder({ minIntervalMs, write, now, scheduler }: Options): HistoryRecorder {
  // In the order in which they end, since all have the same length.
  const intervals = new Map<string, Interval>()
  let armed = false

  function arm(): void {
    if (armed || intervals.size === 0) return
    armed = true
    scheduler.after(lookEveryMs, () => {
      armed = false
      endIntervals()
      arm()
    })
  }

  function begin(key: string, startedAtMs: number, sample: Sample): void {
    intervals.delete(key)
    intervals.set(key, { startedAtMs, written: sample })
    write(sample)
    arm()
  }

  function endIntervals(): void {
    const nowMs = now()
    for (const [key, { startedAtMs, held }] of intervals) {
      // After the clock was set back, values must not be held back for that long.
      if (nowMs >= startedAtMs && nowMs < startedAtMs + minIntervalMs) break
      if (held) begin(key, nowMs, held)
      else intervals.delete(key)
    }
  }

  function changed(deviceId: string, property: string, value: number): void {
    const key = `${deviceId}/${property}`
    const nowMs = now()
    const interval = intervals.get(key)
    if (!interval) begin(key, nowMs, { deviceId, property, atMs: nowMs, value })
    // At most one sample a millisecond.
    else interval.held = { deviceId, property, atMs: Math.max(nowMs, interval.written.atMs + 1), value }
  }

  return {
    folded(deviceId, model, before, after) {
      for (const [property, next] of Object.entries(after)) {
        if (next === before[property] || !isRecorded(model, property)) continue
        const value = recordedValue(next)
        if (value !== undefined) changed(deviceId, property, value)
      }
    },
    drop(deviceId) {
      for (const [key, { written }] of intervals) if (written.deviceId === deviceId) intervals.delete(key)
    },
    flush() {
      for (const interval of intervals.values()) {
        if (interval.held) write(interval.held)
        delete interval.held
      }
    },
  }
}
