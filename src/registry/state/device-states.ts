import type { DeviceStore } from '../../domain/device.ts'
import type { Events } from '../../domain/events.ts'
import { type JsonObject, looksLikeObject, parseJsonObject, scanJson } from '../../domain/json.ts'
import type { KeptState, StateStore } from '../../domain/mqtt-state/state-store.ts'
import type { Clock } from '../../domain/request.ts'
import type { DeviceDirectory } from '../device-directory.ts'
import type { History } from '../history/history.ts'
import { type Scheduler, systemScheduler } from '../scheduler.ts'
import { maxValues, tooManyValues } from '../types/bounded-json.ts'
import type { DeviceType } from '../types/device-type.ts'
import type { ThingModels } from '../types/thing-models.ts'
import { type DeviceState, emptyState, textOf, valuesOf } from './device-state.ts'
import { foldReport, restoredState } from './fold-report.ts'
import { createRefusedValues, type RefusedValue } from './refused-values.ts'
import { reportForReaders } from './report-for-readers.ts'
import { createStateKeeper, type PutState } from './state-keeper.ts'

/** The whole state of every device: in memory as it is kept, or a moment ahead of that. */
export interface DeviceStates {
  /**
   * Reads what is kept, and takes over what an earlier version of the program kept elsewhere. What was reported under another tenure, as when a
   * kill came in the middle of a release, is removed. Once, before the first report. Rejects with a fault of a store.
   */
  seed(): Promise<void>
  /**
   * Checks and folds a report, and puts the state within the call, so that it is of one transaction with what the report's message leaves behind.
   * Never throws, for any payload.
   */
  reported(deviceId: string, payload: Buffer): FoldedReport
  /** The state with everything reported so far, as it is retained: JSON, or empty when there is none. */
  now(deviceId: string): string
  /** The state with everything reported so far. Not to be changed. */
  of(deviceId: string): JsonObject
  /** Forgets the state of a device whose tenure has ended. Resolves when it is gone, or cannot be removed now: it is tried again. Never rejects. */
  forget(deviceId: string): Promise<void>
  /** Resolves when nothing is kept of the device but its state of now; rejects when that cannot be made so. */
  settle(deviceId: string): Promise<void>
  /** Puts what could not be kept, for the last time. */
  close(): Promise<void>
}

/** What has come of a report. */
export interface FoldedReport {
  /** What readers get of it; undefined for nothing. */
  readonly forReaders: Buffer | undefined
  /** Values of declared properties that the type refuses, or the whole report (`property` is empty), of which the device is to be told now. */
  readonly refused: readonly RefusedValue[]
  /** How many values it took: those of the report, and of the properties that it changed. */
  readonly values: number
}

interface Options {
  readonly store: Pick<DeviceStore, 'earlierStates' | 'dropEarlierStates'>
  readonly kept: StateStore
  readonly put: PutState
  readonly models: ThingModels
  readonly directory: Pick<DeviceDirectory, 'all' | 'typeOf' | 'tenureOf'>
  readonly events: Events
  /** Hears of every report that changed a state. Must not throw. */
  readonly folded?: History['folded']
  readonly now: Clock
  readonly scheduler?: Pick<Scheduler, 'after'>
}

/** Faults of keeping a state are announced as 'fault', and it is tried again every second. */
export function createDeviceStates({
  store,
  kept,
  put,
  models,
  directory,
  events,
  folded,
  now,
  scheduler = systemScheduler,
}: Options): DeviceStates {
  const states = new Map<string, DeviceState>()
  const stateOf = (deviceId: string) => states.get(deviceId) ?? emptyState
  const typeOf = (deviceId: string) => models.get(directory.typeOf(deviceId) ?? '')
  const refused = createRefusedValues({ events, now })
  const keeper = createStateKeeper({
    put,
    current: deviceId => ({ tenure: directory.tenureOf(deviceId) ?? '', state: textOf(stateOf(deviceId)) }),
    failed: cause => void events.emit('fault', { where: 'keeping a device state', cause }),
    scheduler,
  })

  /** What is no state for its type passes as it is, and is not kept. */
  function pass(deviceId: string, payload: Buffer, reason: string): FoldedReport {
    refused.note(deviceId, '', reason)
    return { forReaders: payload, refused: [], values: 0 }
  }

  function fold(deviceId: string, type: DeviceType, patch: JsonObject): ReadonlyMap<string, string> {
    const before = stateOf(deviceId)
    const unfit = new Map<string, string>()
    let unknown = 0
    const state = foldReport(type, before, patch, (property, reason, isDeclared) => {
      if (isDeclared) unfit.set(property, reason)
      else if (unknown++ < maxUnknown) refused.note(deviceId, property, reason)
    })
    if (state !== before) {
      states.set(deviceId, state)
      folded?.(deviceId, type.model, before.values, state.values)
    }
    // One that changes nothing may repeat a report that could not be kept.
    if (state !== before || keeper.isUnkept(deviceId)) keeper.put(deviceId)
    return unfit
  }

  /** What may be shown of what was found; undefined for nothing. */
  function shown(deviceId: string, found: KeptState | undefined, earlier: JsonObject | undefined) {
    const tenure = directory.tenureOf(deviceId)
    if (tenure === undefined) return undefined
    const kept = found && parseJsonObject(Buffer.from(found.state))
    if (found?.tenure === tenure) return kept
    // An earlier version wrote down a moment later what it retained, and forgot that first when a device was released.
    const isOfNow = found && found.tenure === undefined && (earlier !== undefined || tenure === '')
    return (isOfNow && kept) || earlier
  }

  return {
    async seed() {
      const earlier = await store.earlierStates()
      const changed = new Map<string, Required<KeptState>>()
      const left = await kept.all()
      for (const deviceId of new Set([...directory.all(), ...left.keys()])) {
        const found = left.get(deviceId)
        const latest = shown(deviceId, found, earlier.get(deviceId))
        const type = typeOf(deviceId)
        const state = type && latest ? restoredState(type, latest) : emptyState
        states.set(deviceId, state)
        const tenure = directory.tenureOf(deviceId) ?? ''
        const isKept = (found?.state ?? '') === textOf(state) && (!found || found.tenure === tenure)
        if (!isKept) changed.set(deviceId, { tenure, state: textOf(state) })
      }
      if (changed.size > 0) await kept.takeOver(changed)
      if (earlier.size > 0) await store.dropEarlierStates()
    },
    reported(deviceId, payload) {
      const type = typeOf(deviceId)
      if (!type || directory.tenureOf(deviceId) === undefined)
        return pass(deviceId, payload, 'there is no thing model of its type')
      const scan = scanJson(payload)
      if (scan.values > maxValues && looksLikeObject(payload)) {
        const whole = new Map([['', `the report ${tooManyValues}`]])
        return { forReaders: undefined, refused: refused.noteValues(deviceId, whole), values: 0 }
      }
      const patch = parseJsonObject(payload)
      if (!patch) return pass(deviceId, payload, 'the report must be a JSON object')
      const unfit = fold(deviceId, type, patch)
      return {
        forReaders: reportForReaders(payload, scan, patch, unfit),
        refused: refused.noteValues(deviceId, unfit),
        values: scan.values + valuesChanged(stateOf(deviceId), patch),
      }
    },
    now: deviceId => textOf(stateOf(deviceId)),
    of: deviceId => stateOf(deviceId).values,
    async forget(deviceId) {
      states.delete(deviceId)
      await keeper.settle(deviceId).catch(() => {}) // announced, and nobody may claim the device before it is gone
    },
    settle: keeper.settle,
    close: keeper.close,
  }
}

/** Unknown properties of one report that are looked at besides being passed on. */
const maxUnknown = 16

/** Of a property that is an object the whole is merged, checked and written again, however little of it is reported. */
function valuesChanged(state: DeviceState, patch: JsonObject): number {
  let values = 0
  for (const property of Object.keys(patch))
    if (typeof patch[property] === 'object') values += valuesOf(state, property)
  return values
}
