import type { Events } from '../../domain/events.ts'
import type { HistoryStore } from '../../domain/history.ts'
import type { Clock } from '../../domain/request.ts'
import { createPortion } from '../../turns/portion.ts'
import type { Scheduler } from '../scheduler.ts'

/** Keeps history within its bounds. */
export interface HistoryPruner {
  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void>
}

interface Options {
  readonly store: Pick<HistoryStore, 'recordedDevices' | 'prune' | 'pruneReleased'>
  readonly retentionMs: number
  /** Retention of hourly and daily figures; never shorter than that of samples. */
  readonly aggregatesMs: number
  readonly rowsPerDevice: number
  readonly events: Events
  readonly now: Clock
  readonly scheduler: Pick<Scheduler, 'after'>
}

const passEveryMs = 10 * 60_000
const firstPassAfterMs = 10_000
/** Leaves room for messages between two deletions, which take a small part of this. */
const pauseMs = 200
const bounds = { least: 20, most: 500 }
const devicesPerStep = 500

/** Prunes all devices every ten minutes, in small deletions. A fault of the store ends the pass and is announced as 'fault'. */
export function startHistoryPruner({
  store,
  retentionMs,
  aggregatesMs,
  rowsPerDevice,
  events,
  now,
  scheduler,
}: Options): HistoryPruner {
  const portion = createPortion(bounds)
  let stopped = false
  let step: Promise<unknown> = Promise.resolve()

  /** Runs `work` after a pause; once stopped, it does not run and the result is undefined. */
  async function paced<T>(work: () => Promise<T>): Promise<T | undefined> {
    await new Promise<void>(resolve => void scheduler.after(pauseMs, resolve))
    if (stopped) return undefined
    const running = work()
    step = running.catch(() => {})
    return running
  }

  async function pass(): Promise<void> {
    while (await paced(() => portion.run(store.pruneReleased)));
    const kept = () => ({
      beforeMs: now() - retentionMs,
      aggregatesBeforeMs: now() - Math.max(aggregatesMs, retentionMs),
      maxRows: rowsPerDevice,
    })
    for (let afterId: string | undefined = ''; afterId !== undefined; ) {
      const page: readonly string[] = (await paced(() => store.recordedDevices(afterId ?? '', devicesPerStep))) ?? []
      for (const deviceId of page) {
        while (await paced(() => portion.run(rows => store.prune(deviceId, kept(), rows))));
        if (stopped) return
      }
      afterId = page.length === devicesPerStep ? page.at(-1) : undefined
    }
  }

  function passAfter(delayMs: number): void {
    scheduler.after(delayMs, () => {
      if (stopped) return
      pass()
        .catch((cause: unknown) => void events.emit('fault', { where: 'pruning history', cause }))
        .finally(() => passAfter(passEveryMs))
    })
  }

  passAfter(firstPassAfterMs)
  return {
    async stop() {
      stopped = true
      await step
    },
  }
}
