import type { DeviceStore, KeptPresence } from '../../domain/device.ts'
import type { Scheduler } from '../scheduler.ts'

/** Writes presences, of each device the latest. */
export interface PresenceSaver {
  put(deviceId: string, presence: KeptPresence): void
  /** Resolves when everything put so far is written, or could not be written now. Never rejects. */
  settled(): Promise<void>
}

interface Options {
  readonly store: Pick<DeviceStore, 'savePresences'>
  /** Hears of the first write that rejects, and again after one that succeeded. */
  readonly failed: (cause: unknown) => void
  readonly scheduler: Scheduler
}

const againMs = 1000
/** As many as are written without holding messages up. */
const presencesPerTransaction = 100

/**
 * Writes when the events of this turn are over, in one transaction unless more than 100 wait: then in several, between which the event loop goes
 * round. What could not be written is kept, a presence a device, and tried again a second later.
 */
export function createPresenceSaver({ store, failed, scheduler }: Options): PresenceSaver {
  let waiting = new Map<string, KeptPresence>()
  let armed = false
  let failing = false
  let lastWrite = Promise.resolve()

  function arm(): void {
    if (armed || waiting.size === 0) return
    armed = true
    const write = () => {
      armed = false
      lastWrite = lastWrite.then(writeAll)
    }
    if (failing) scheduler.after(againMs, write)
    else scheduler.soon(write)
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = new Map([...waiting].slice(0, presencesPerTransaction))
      for (const deviceId of batch.keys()) waiting.delete(deviceId)
      try {
        await store.savePresences(batch)
        failing = false
      } catch (cause) {
        waiting = new Map([...batch, ...waiting]) // what was put meanwhile is later
        if (!failing) failed(cause)
        failing = true
        break
      }
      if (waiting.size > 0) await new Promise<void>(resolve => scheduler.soon(resolve))
    }
    arm()
  }

  return {
    put(deviceId, presence) {
      waiting.set(deviceId, presence)
      arm()
    },
    settled() {
      lastWrite = lastWrite.then(writeAll)
      return lastWrite
    },
  }
}
