import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'
import type { Write } from '../../src/domain/mqtt-state/write.ts'
import { createGate } from './gate.ts'
import { createMemoryStore } from './in-memory.ts'

/** A store in memory of which `change` replaces some parts. */
export function storeWith(change: (inner: MqttStore) => Partial<MqttStore>, inner = createMemoryStore()): MqttStore {
  return { ...inner, ...change(inner) }
}

/** A store in memory that keeps nothing while `control.gated` from the first batch on that has a write of this kind, until the gate is opened. */
export function storeWithGate(isGated: (write: Write) => boolean) {
  const gate = createGate()
  const asked = createGate()
  const control = { gated: true }
  const store = storeWith(inner => ({
    async commit(batch) {
      if (control.gated && batch.some(isGated)) {
        asked.open()
        await gate.opened
      }
      return inner.commit(batch)
    },
  }))
  return { store, open: gate.open, asked: asked.opened, control }
}

/** A store in memory that cannot keep a batch with such a write, so many times. */
export function storeFailing(fails: (write: Write) => boolean, times = Number.POSITIVE_INFINITY) {
  const control = { left: times }
  const store = storeWith(inner => ({
    async commit(batch) {
      if (control.left > 0 && batch.some(fails)) {
        control.left--
        throw new Error('disk I/O error')
      }
      return inner.commit(batch)
    },
  }))
  return { store, control }
}

/** Whether a write puts a message into the queue of somebody. */
export const isQueueing = (write: Write): boolean =>
  write.kind === 'message' && (write.queued ?? []).some(({ recipients }) => recipients.length > 0)
