import type { DeviceStore } from '../domain/device.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Scheduler } from './scheduler.ts'

/** Writes states that changed, at most once a second. */
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
/** As many as are written without holding messages up. */
const statesPerTransaction = 100

/**
 * Writes in one transaction unless more than 100 wait: then in several, between which the event loop goes round. `stateOf` is asked when a
 * transaction begins; its answers must not be changed afterwards.
 */
export function createStateSaver({ store, stateOf, failed, scheduler }: Options): StateSaver {
  const dirty = new Set<string>()
  let cancel: (() => void) | undefined
  let lastWrite = Promise.resolve()
  let closed = false

  function arm(): void {
    if (!cancel && !closed) cancel = scheduler.after(intervalMs, () => void flush())
  }

  async function write(): Promise<void> {
    const waiting = [...dirty]
    for (let from = 0; from < waiting.length; from += statesPerTransaction) {
      if (from > 0 && !closed) await new Promise<void>(resolve => scheduler.soon(resolve))
      const batch = new Map(waiting.slice(from, from + statesPerTransaction).map(id => [id, stateOf(id)]))
      for (const id of batch.keys()) dirty.delete(id)
      try {
        await store.saveStates(batch)
      } catch (cause) {
        for (const id of batch.keys()) dirty.add(id)
        failed(cause)
        arm()
        return
      }
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
