import type { Message } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { Seen } from './seen.ts'

/** How a message is to be kept besides being routed. */
export interface Keeping {
  /** For whom it counts when it is retained. */
  readonly owner?: string | undefined
  /** The packet id under which its publisher, by Aedes' name for it, has begun it at QoS 2; missing at QoS 1, and for a will. */
  readonly begunAs?: { readonly clientId: string; readonly messageId: number | undefined }
}

/**
 * Routes a message at QoS 1 or 2. Resolves when what it leaves behind is kept, or with 'full' when its publisher has begun too many at QoS 2;
 * rejects with a fault of the store.
 */
export type KeepMessage = (message: Message, keeping: Keeping) => Promise<'kept' | 'full'>

/**
 * Aedes acknowledges a message at QoS 1 before it stores it, and at QoS 2 it stores that it has the message before it has stored the message.
 * So both are routed here, in one transaction, and Aedes is left to acknowledge.
 */
export function createKeepMessage(parts: {
  readonly store: MqttStore
  /** Messages at QoS 2 that one client may have begun and not released. */
  readonly qos2Window: number
  readonly seen: Seen
  readonly route: (message: Message) => void
}): KeepMessage {
  const { store, qos2Window, seen, route } = parts

  return (message, { owner, begunAs }) =>
    store.whenKept(() => {
      if (begunAs) {
        const { clientId, messageId } = begunAs
        const begun = { topic: message.topic, payload: '', qos: 2, retain: false, messageId } as const
        const received = store.receive({ id: clientId }, begun, qos2Window)
        if (received !== 'new') return received === 'full' ? 'full' : 'kept'
      }
      if (message.retain) store.storeRetained(message, owner)
      const forReaders = seen(message)
      if (forReaders) route(forReaders)
      return 'kept'
    })
}
