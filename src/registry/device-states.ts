import type { DeviceStore } from '../domain/device.ts'
import type { RetainedTopics } from '../domain/device-traffic.ts'
import type { Events } from '../domain/events.ts'
import { type JsonObject, parseJsonObject } from '../domain/json.ts'
import type { Clock } from '../domain/request.ts'
import { topics } from '../protocol/topics.ts'
import { foldReport } from './fold-report.ts'
import type { History } from './history.ts'
import { createLatestWriter } from './latest-writer.ts'
import { createRefusedValues } from './refused-values.ts'
import { createReportQueue } from './report-queue.ts'
import { type Scheduler, systemScheduler } from './scheduler.ts'
import { createStateSaver } from './state-saver.ts'
import type { ThingModels } from './thing-models.ts'

/** The whole state of every device: in memory, retained on its topic, and in the store up to a second behind. */
export interface DeviceStates {
  /**
   * Loads every state and retains it. After a crash the retained one may be up to a second ahead of the store, so it is preferred, but
   * only while the store has one too: a release removes that first. Once, before the first report. Rejects with a fault of the store.
   */
  seed(): Promise<void>
  /** Takes a copy of a report; it is parsed, checked and folded later. Never throws, for any payload. */
  reported(deviceId: string, payload: Uint8Array): void
  /** The state with everything reported so far, as it is retained: JSON, or empty when there is none. */
  now(deviceId: string): string
  /** The state as folded so far. Not to be changed. */
  of(deviceId: string): JsonObject
  /** Forgets the state everywhere, reports not yet folded included. Resolves when that is done. */
  forget(deviceId: string): Promise<void>
  /** Folds, retains and stores everything reported so far. */
  flush(): Promise<void>
  /** The last flush: nothing is retried. */
  close(): Promise<void>
}

interface Options {
  readonly store: Pick<DeviceStore, 'listDevices' | 'states' | 'saveStates'>
  readonly models: ThingModels
  /** The type of a registered device. */
  readonly deviceType: (deviceId: string) => string | undefined
  readonly retained: Pick<RetainedTopics, 'replaceRetained' | 'retainedOn'>
  readonly events: Events
  /** Hears of every report that changed a state. Must not throw. */
  readonly folded?: History['folded']
  readonly now: Clock
  readonly scheduler?: Scheduler
}

/** Faults of the store and of retaining are announced as 'fault'; storing is tried again, retaining with the next report. */
export function createDeviceStates({
  store,
  models,
  deviceType,
  retained,
  events,
  folded,
  now,
  scheduler = systemScheduler,
}: Options): DeviceStates {
  const states = new Map<string, JsonObject>()
  const stateOf = (deviceId: string) => states.get(deviceId) ?? {}
  const failed = (where: string) => (cause: unknown) => void events.emit('fault', { where, cause })
  const refused = createRefusedValues({ events, now })
  const saver = createStateSaver({ store, stateOf, failed: failed('saving device states'), scheduler })
  const queue = createReportQueue({ fold, scheduler })
  const retain = createLatestWriter<JsonObject>(
    (deviceId, state) => retained.replaceRetained(topics.state(deviceId), payloadOf(state)),
    failed('retaining a device state'),
  )

  const typeOf = (deviceId: string) => models.get(deviceType(deviceId) ?? '')

  function fold(deviceId: string, payloads: readonly Uint8Array[]): void {
    const type = typeOf(deviceId)
    const before = stateOf(deviceId)
    let state = before
    for (const payload of payloads) {
      const patch = parseJsonObject(payload)
      if (!type) refused.note(deviceId, '', 'there is no thing model of its type')
      else if (!patch) refused.note(deviceId, '', 'the report must be a JSON object')
      else state = foldReport(type, state, patch, (property, reason) => refused.note(deviceId, property, reason))
    }
    refused.announce(deviceId)
    if (state === before) return
    states.set(deviceId, state)
    if (type) folded?.(deviceId, type.model, before, state)
    saver.mark(deviceId)
    void retain.put(deviceId, state)
  }

  async function flush(): Promise<void> {
    queue.drain()
    await Promise.all([retain.settled(), saver.flush()])
  }

  return {
    async seed() {
      const [devices, stored] = await Promise.all([store.listDevices(), store.states()])
      for (const { id } of devices) {
        const retainedText = await retained.retainedOn(topics.state(id))
        const saved = stored.get(id)
        const latest = saved && (parseJsonObject(Buffer.from(retainedText ?? '')) ?? saved)
        const type = typeOf(id)
        // What a newer version of the type no longer allows is left out.
        const state = type && latest ? foldReport(type, {}, latest, () => {}) : {}
        states.set(id, state)
        if (payloadOf(state) !== (retainedText ?? '')) void retain.put(id, state)
        if (saved && JSON.stringify(saved) !== JSON.stringify(state)) saver.mark(id)
      }
      await retain.settled()
    },
    reported: (deviceId, payload) => queue.add(deviceId, payload),
    now(deviceId) {
      queue.take(deviceId)
      return payloadOf(stateOf(deviceId))
    },
    of: stateOf,
    async forget(deviceId) {
      queue.drop(deviceId)
      states.delete(deviceId)
      await retain.put(deviceId, {})
      // A write under way may put the old state back after a release: write once more, after it.
      saver.mark(deviceId)
      await saver.flush()
    },
    flush,
    async close() {
      await flush()
      await saver.close()
    },
  }
}

/** No state is no retained message. */
const payloadOf = (state: JsonObject): string => (Object.keys(state).length === 0 ? '' : JSON.stringify(state))
