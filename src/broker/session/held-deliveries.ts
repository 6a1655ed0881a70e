import type { AedesPublishPacket, Client } from 'aedes'
import type { StoredClient, StoredMessage } from '../../domain/mqtt-store.ts'

/** Holds back what comes for stored sessions while their queues are emptied. */
export interface HeldDeliveries {
  /** To be called when a client arrives. */
  watch(client: Client): void
  /** A message is taken from the client's queue, to be sent. */
  queued(client: StoredClient, message: StoredMessage): void
  /** What was queued is sent: what was held back follows, and from now on nothing is held back. */
  release(client: Client): void
}

interface Held {
  readonly queued: Set<string>
  release(): void
}

interface Options {
  /** Of topics and payloads, for one client. */
  readonly maxBytes: number
  /** More is held back for this client than may be. */
  readonly tooMuch: (client: Client) => void
}

const done = () => {}

/**
 * Aedes subscribes for a session that comes back, and only then sends what is queued for it: what is published meanwhile would overtake the
 * queue [MQTT-4.6.0-6]. It is in the queue itself, so nobody has to wait for it: when the connection ends it is sent to the next one.
 */
export function createHeldDeliveries({ maxBytes, tooMuch }: Options): HeldDeliveries {
  const held = new WeakMap<object, Held>()

  return {
    watch(client) {
      const deliver: unknown = Reflect.get(client, 'deliverQoS') // Aedes 1.2.0 subscribes by it; its types do not have it
      if (typeof deliver !== 'function') throw new TypeError('Aedes delivers otherwise')
      const waiting: AedesPublishPacket[] = []
      const queued = new Set<string>()
      let heldBytes = 0
      let isHeld = true
      Reflect.set(client, 'deliverQoS', (packet: AedesPublishPacket, delivered: () => void) => {
        if (!isHeld || client.clean || packet.qos === 0 || packet.retain) return deliver(packet, delivered)
        heldBytes += packet.topic.length + packet.payload.length
        if (heldBytes > maxBytes) tooMuch(client)
        else waiting.push(packet)
        return setImmediate(delivered)
      })
      const release = () => {
        isHeld = false
        // What was queued before the queue was read went with it.
        for (const packet of waiting.splice(0)) if (!queued.has(numberOf(packet))) deliver(packet, done)
        queued.clear()
      }
      held.set(client, { queued, release })
    },
    queued: (client, message) => void held.get(client)?.queued.add(numberOf(message)),
    release: client => held.get(client)?.release(),
  }
}

/** Aedes' own number of a message, the same on each of its ways. */
const numberOf = ({ brokerId, brokerCounter }: Pick<StoredMessage, 'brokerId' | 'brokerCounter'>): string =>
  `${brokerId} ${brokerCounter}`
