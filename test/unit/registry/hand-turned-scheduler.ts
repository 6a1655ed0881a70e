import type { Scheduler } from '../../../src/registry/scheduler.ts'

/** A {@link Scheduler} that does nothing by itself. */
export interface HandTurnedScheduler extends Scheduler {
  /** Runs what was to run soon, once around; false when there was nothing. */
  turn(): boolean
  /** Runs every timer that is set. */
  fire(): void
  readonly delaysMs: number[]
}

export function createHandTurnedScheduler(): HandTurnedScheduler {
  let soon: (() => void)[] = []
  let timers = new Map<object, () => void>()
  const delaysMs: number[] = []
  return {
    delaysMs,
    soon: run => void soon.push(run),
    after(delayMs, run) {
      const key = {}
      timers.set(key, run)
      delaysMs.push(delayMs)
      return () => void timers.delete(key)
    },
    turn() {
      const due = soon
      soon = []
      for (const run of due) run()
      return due.length > 0
    },
    fire() {
      const due = timers
      timers = new Map()
      for (const run of due.values()) run()
    },
  }
}
