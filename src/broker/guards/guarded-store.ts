import { Readable } from 'node:stream'
import type { MqttStore, StoredClient, StoredSubscription } from '../../domain/mqtt-store.ts'
import { followedTopic } from '../session/followed-topic.ts'

export interface GuardedStoreOptions {
  readonly store: MqttStore
  /** Whether this filter of this client was granted. */
  readonly isGranted: (client: StoredClient, filter: string) => boolean
  /** Whether a message on this topic may be queued for a client that is away. */
  readonly mayQueue: (clientId: string, topic: string) => boolean
  readonly onFault: (where: string, cause: unknown) => void
}

/**
 * A store as Aedes may see it. Only granted filters are stored: Aedes hands over every filter of a SUBSCRIBE, the refused ones too. And
 * where a fault of the store would take the process down with it, the fault is reported and the answer is empty.
 */
export function createGuardedStore({ store, isGranted, mayQueue, onFault }: GuardedStoreOptions): MqttStore {
  const orElse = async <T>(where: string, otherwise: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      onFault(`store ${where}`, cause)
      return otherwise
    }
  }
  const streamOf = (where: string, open: () => Readable): Readable => {
    try {
      return open().on('error', cause => onFault(`store ${where}`, cause))
    } catch (cause) {
      onFault(`store ${where}`, cause)
      return Readable.from([])
    }
  }

  return {
    setup: async broker => store.setup(broker),
    addSubscriptions: (client, filters) =>
      store.addSubscriptions(
        client,
        filters.filter(({ topic }) => isGranted(client, topic)),
      ),
    removeSubscriptions: (client, filters) =>
      store.removeSubscriptions(client, [...filters, ...filters.map(followedTopic)]),
    subscriptionsByTopic: async topic => {
      const found = await orElse('subscriptions', [], () => store.subscriptionsByTopic(topic))
      const once = new Map<string, StoredSubscription>()
      for (const subscription of found) {
        const { clientId } = subscription
        if (clientId !== undefined && !once.has(clientId) && mayQueue(clientId, topic)) once.set(clientId, subscription)
      }
      return [...once.values()]
    },
    createRetainedStream: filter => streamOf('retained', () => store.createRetainedStream(filter)),
    createRetainedStreamCombi: filters => streamOf('retained', () => store.createRetainedStreamCombi(filters)),
    delWill: client => orElse('will', undefined, () => store.delWill(client)),
    streamWill: brokers => streamOf('wills', () => store.streamWill(brokers)),

    storeRetained: packet => store.storeRetained(packet),
    subscriptionsByClient: client => store.subscriptionsByClient(client),
    cleanSubscriptions: client => store.cleanSubscriptions(client),
    countOffline: () => store.countOffline(),
    outgoingEnqueue: (subscription, packet) => store.outgoingEnqueue(subscription, packet),
    outgoingEnqueueCombi: (subscriptions, packet) => store.outgoingEnqueueCombi(subscriptions, packet),
    outgoingUpdate: (client, packet) => store.outgoingUpdate(client, packet),
    // Aedes clears a duplicate it did not deliver, which has no id yet: the store would take the first queued message without one.
    outgoingClearMessageId: async (client, packet) =>
      packet.messageId === undefined ? undefined : store.outgoingClearMessageId(client, packet),
    outgoingStream: client => store.outgoingStream(client),
    incomingStorePacket: (client, packet) => store.incomingStorePacket(client, packet),
    incomingGetPacket: (client, packet) => store.incomingGetPacket(client, packet),
    incomingDelPacket: (client, packet) => store.incomingDelPacket(client, packet),
    cleanIncoming: client => store.cleanIncoming(client),
    putWill: (client, packet) => store.putWill(client, packet),
    getWill: client => store.getWill(client),
    getClientList: topic => store.getClientList(topic),
    destroy: () => store.destroy(),
  }
}
