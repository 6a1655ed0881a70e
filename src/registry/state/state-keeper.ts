import type { KeptState } from '../../domain/mqtt-state/state-store.ts'
import type { Scheduler } from '../scheduler.ts'

/** Puts states into the store, and again until they are kept. */
export interface StateKeeper {
  /** Puts the state of this device as it is now, within the call. Never throws. */
  put(deviceId: string): void
  /** Whether something that was put of this device is not kept yet. */
  isUnkept(deviceId: string): boolean
  /** Resolves when the state as it is now is kept, rejects when it cannot be. */
  settle(deviceId: string): Promise<void>
  /** Puts for the last time what is not kept. Never rejects. */
  close(): Promise<void>
}

/** Keeps the state of a device with what this turn writes. Resolves when it is kept, rejects when it is undone. */
export type PutState = (deviceId: string, tenure: string, state: string) => Promise<unknown>

interface Options {
  readonly put: PutState
  readonly current: (deviceId: string) => Required<KeptState>
  /** Hears of a fault of the store, once a second while it lasts. */
  readonly failed: (cause: unknown) => void
  readonly scheduler: Pick<Scheduler, 'after'>
}

const retryMs = 1000

/** A message that brought a state which cannot be kept is not acknowledged, whatever becomes of the state here. */
export function createStateKeeper({ put, current, failed, scheduler }: Options): StateKeeper {
  /** What was put last of each device, until it is kept. */
  const unkept = new Map<string, Promise<void>>()
  let isWaiting = false
  let isClosed = false

  function putNow(deviceId: string): Promise<void> {
    const { tenure, state } = current(deviceId)
    const kept = put(deviceId, tenure, state).then(() => {})
    unkept.set(deviceId, kept)
    return kept.then(() => {
      if (unkept.get(deviceId) === kept) unkept.delete(deviceId)
    })
  }

  function settle(deviceId: string): Promise<void> {
    const kept = putNow(deviceId)
    kept.catch(retryLater)
    return kept
  }

  function retryLater(cause: unknown): void {
    if (isWaiting) return
    failed(cause)
    if (isClosed) return
    isWaiting = true
    scheduler.after(retryMs, () => {
      isWaiting = false
      putAll()
    })
  }

  function putAll(): void {
    for (const deviceId of [...unkept.keys()]) void settle(deviceId)
  }

  return {
    put: deviceId => void settle(deviceId),
    isUnkept: deviceId => unkept.has(deviceId),
    settle,
    async close() {
      isClosed = true
      putAll()
      await Promise.allSettled(unkept.values())
    },
  }
}
