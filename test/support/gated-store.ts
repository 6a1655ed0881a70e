import type { MqttStore } from '../../src/domain/mqtt-store.ts'
import { createGate } from './gate.ts'
import { createMemoryStore } from './memory-store.ts'

/** A store in memory of which `change` replaces some methods. */
export function storeWith(change: (inner: MqttStore) => Partial<MqttStore>): MqttStore {
  const inner = createMemoryStore()
  const changed = change(inner)
  return new Proxy(inner, {
    get: (_target, name: keyof MqttStore) => {
      const own: unknown = changed[name] ?? inner[name]
      return typeof own === 'function' && !changed[name] ? own.bind(inner) : own
    },
  })
}

/** A store in memory whose wipe at a clean CONNECT of `clientId` waits for the gate. */
export function storeWithGatedWipe(clientId: string) {
  const gate = createGate()
  const asked = createGate()
  const control = { gated: true }
  const store = storeWith(inner => ({
    cleanSubscriptions: async client => {
      if (control.gated && client.id === clientId) {
        asked.open()
        await gate.opened
      }
      return inner.cleanSubscriptions(client)
    },
  }))
  return { store, open: gate.open, asked: asked.opened, control }
}
