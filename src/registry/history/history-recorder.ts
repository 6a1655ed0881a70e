import type { Sample } from '../../domain/history.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Clock } from '../../domain/request.ts'
import type { ThingModel } from '../../protocol/thing-model.ts'
import type { Scheduler } from '../scheduler.ts'
import { isRecorded, recordedValue } from './history-properties.ts'

/** Decides which values of which properties become samples. */
export interface HistoryRecorder {
  /** A report turned the device's state from `before` to `after`. Never throws, and only remembers. */
  folded(deviceId: string, model: ThingModel, before: JsonObject, after: JsonObject): void
  /** Forgets values held back of this device. */
  drop(deviceId: string): void
  /** Hands over every value held back, now. */
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
 * A changed value is a sample at once when its property had none for `minIntervalMs`, and is held back else; the newest one held back becomes
 * a sample when the interval ends, with the time of its change, and begins the next interval. What is remembered is forgotten as intervals end.
 */
export function createHistoryRecorder({ minIntervalMs, write, now, scheduler }: Options): HistoryRecorder {
  // In the order in which they end: all are of one length.
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
      // A clock that was set back must not hold values back for as long.
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
    // There is one sample a millisecond at most.
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
