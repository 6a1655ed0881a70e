import type { Client, PublishPacket } from 'aedes'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import { sunk } from '../sink.ts'

/**
 * Routes a client's message at QoS 1 or 2. Resolves when what it leaves behind is kept, or with 'full' when the client has begun too many
 * at QoS 2; rejects with a fault of the store. What is retained counts for `owner`.
 */
export type KeepMessage = (client: Client, packet: PublishPacket, owner?: string) => Promise<'kept' | 'full'>

/**
 * Aedes acknowledges a message at QoS 1 before it stores it, and at QoS 2 it stores that it has the message before it has stored the message.
 * So both are routed here, in one transaction, and Aedes is left to acknowledge.
 */
export function createKeepMessage(parts: {
  readonly store: MqttStore
  /** Messages at QoS 2 that one client may have begun and not released. */
  readonly qos2Window: number
  readonly route: (packet: PublishPacket) => Promise<void>
}): KeepMessage {
  const { store, qos2Window, route } = parts

  return (client, packet, owner) =>
    store.whenKept(async () => {
      const received = packet.qos < 2 ? 'new' : store.receive(client, sunk(packet), qos2Window)
      if (received === 'full') return 'full'
      if (received === 'known') return 'kept'
      const retained = packet.retain && store.storeRetained(packet, owner) // done by now, before anything that follows on this topic
      await Promise.all([route(packet), retained])
      return 'kept'
    })
}
