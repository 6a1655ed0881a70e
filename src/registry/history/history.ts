import type { Events } from '../../domain/events.ts'
import type { HistoryStore } from '../../domain/history.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Orders } from '../../domain/orders.ts'
import type { Clock } from '../../domain/request.ts'
import type { ThingModel } from '../../protocol/thing-model.ts'
import { type Scheduler, systemScheduler } from '../scheduler.ts'
import { type HistoryPruner, startHistoryPruner } from './history-pruner.ts'
import { createHistoryRecorder } from './history-recorder.ts'
import { createHistoryWriter } from './history-writer.ts'

/** What devices report over time: recorded, written and pruned. */
export interface History {
  /** A report has changed the device's state from `before` to `after`. Never throws, and writes nothing yet. */
  folded(deviceId: string, model: ThingModel, before: JsonObject, after: JsonObject): void
  /** Begins to prune. */
  start(): void
  /** Stops pruning, and writes everything still to be written. Called after the last report. Never rejects. */
  close(): Promise<void>
}

/** The settings `history` of the configuration. */
export interface HistorySettings {
  readonly enabled: boolean
  readonly minIntervalSeconds: number
  readonly retentionDays: number
  readonly aggregateDays: number
  readonly rowsPerDevice: number
}

interface Options {
  readonly store: HistoryStore
  readonly settings: HistorySettings
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
  readonly scheduler?: Scheduler
}

const dayMs = 24 * 60 * 60_000

/** When not enabled it records nothing, and prunes what was recorded before. */
export function createHistory({ store, settings, events, orders, now, scheduler = systemScheduler }: Options): History {
  const writer = createHistoryWriter({ store, events, now, scheduler })
  const minIntervalMs = settings.minIntervalSeconds * 1000
  const recorder = createHistoryRecorder({ minIntervalMs, write: writer.add, now, scheduler })
  const retentionMs = settings.retentionDays * dayMs
  const aggregatesMs = settings.aggregateDays * dayMs
  const { rowsPerDevice } = settings
  let pruner: HistoryPruner | undefined
  orders.obey({
    'device-released': ({ deviceId }) => {
      recorder.drop(deviceId)
      writer.drop(deviceId)
    },
  })
  return {
    folded: settings.enabled ? recorder.folded : () => {},
    start() {
      pruner = startHistoryPruner({ store, retentionMs, aggregatesMs, rowsPerDevice, events, now, scheduler })
    },
    async close() {
      recorder.flush()
      await Promise.all([writer.close(), pruner?.stop()])
    },
  }
}
