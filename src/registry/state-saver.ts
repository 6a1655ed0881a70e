import type { DeviceStore } from '../domain/device.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Scheduler } from './scheduler.ts'

/** Writes states that changed: all of them in one transaction, at most once a second. */
export interface StateSaver {
  /** This device's state is to be written. */
  mark(deviceId: string): void
  /** Writes everything marked now, after the write under way. Never rejects: what could not be written stays marked and is tried again. */
  flush(): Promise<void>
  /** Flushes for the last time: nothing is tried again. */
  close(): Promise<void>
}

interface Options {
  readonly store: Pick<DeviceStore, 'saveStates'>
  readonly stateOf: (deviceId: string) => JsonObject
  readonly failed: (cause: unknown) => void
  readonly scheduler: Scheduler
}

const intervalMs = 1000

/** `stateOf` is asked when the write begins; its answers must not be changed afterwards. */
export function createStateSaver({ store, stateOf, failed, scheduler }: Options): StateSaver {
  const dirty = new Set<string>()
  let cancel: (() => void) | undefined
  let lastWrite = Promise.resolve()
  let closed = false

  function arm(): void {
    if (!cancel && !closed) cancel = scheduler.after(intervalMs, () => void flush())
  }

  async function write(): Promise<void> {
    if (dirty.size === 0) return
    const batch = new Map([...dirty].map(id => [id, stateOf(id)]))
    dirty.clear()
    try {
      await store.saveStates(batch)
    } catch (cause) {
      for (const id of batch.keys()) dirty.add(id)
      failed(cause)
      arm()
    }
  }

  function flush(): Promise<void> {
    cancel?.()
    cancel = undefined
    lastWrite = lastWrite.then(write)
    return lastWrite
  }

  return {
    mark(deviceId) {
      dirty.add(deviceId)
      arm()
    },
    flush,
    close() {
      closed = true
      return flush()
    },
  }
}
