import { Readable } from 'node:stream'
import type { MqttStore, RestoredSubscription, StoredClient, StoredSubscription } from '../../domain/mqtt-store.ts'
import { maxQos } from '../session/derived-filters.ts'
import { followedFilterOf, followedTopic } from '../session/followed-topic.ts'
import type { Qos } from '../session/session.ts'
import type { StoredSessions } from '../session/stored-sessions.ts'

export interface GuardedStoreOptions {
  readonly store: MqttStore
  readonly sessions: StoredSessions
  /** The QoS at which this filter of this client was granted; undefined: not at all, or not to be stored. */
  readonly storedQos: (client: StoredClient, filter: string) => Qos | undefined
  /** Whether a message on this topic may be queued for a client that is away. */
  readonly mayQueue: (clientId: string, topic: string) => boolean
  readonly onFault: (where: string, cause: unknown) => void
}

/**
 * A store as Aedes may see it. Only granted filters are stored, each list once: Aedes hands over every filter of a SUBSCRIBE, the refused
 * ones too, and all of them as often as there are filters. What followed filters stand for is not stored but added at every look. And where
 * a fault of the store would take the process down with it, the fault is reported and the answer is empty.
 */
export function createGuardedStore({ store, sessions, storedQos, mayQueue, onFault }: GuardedStoreOptions): MqttStore {
  const listsOnTheirWay = new WeakMap<readonly StoredSubscription[], Promise<void>>()
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

  const grantedOf = (client: StoredClient, filters: readonly StoredSubscription[]): StoredSubscription[] =>
    filters.flatMap(subscription => {
      const qos = storedQos(client, subscription.topic)
      return qos === undefined ? [] : [{ ...subscription, qos }]
    })

  /** What a session comes back to: what is stored, and what its followed filters stand for today. */
  function withDerived({ id }: StoredClient, found: readonly StoredSubscription[]): RestoredSubscription[] {
    const followed = found.flatMap(({ topic, qos }) => {
      const filter = followedFilterOf(topic)
      return filter === undefined ? [] : [[filter, qos] as const]
    })
    sessions.follow(id, new Map(followed))
    const restored = new Map<string, RestoredSubscription>()
    for (const subscription of found) restored.set(subscription.topic, { ...subscription, askedQos: subscription.qos })
    for (const [topic, qos] of sessions.derivedOf(id)) {
      const asked = restored.get(topic)
      restored.set(topic, asked ? { ...asked, qos: maxQos(asked.qos, qos) } : { topic, qos })
    }
    return [...restored.values()]
  }

  return {
    setup: async broker => store.setup(broker),
    addSubscriptions: (client, filters) => {
      const onItsWay = listsOnTheirWay.get(filters)
      if (onItsWay) return onItsWay
      const stored = Promise.resolve().then(async () => {
        const granted = grantedOf(client, filters) // all of the list is decided on by now
        if (granted.length > 0) await store.addSubscriptions(client, granted)
      })
      listsOnTheirWay.set(filters, stored)
      return stored
    },
    subscriptionsByClient: async client => withDerived(client, await store.subscriptionsByClient(client)),
    removeSubscriptions: (client, filters) =>
      store.removeSubscriptions(client, [...filters, ...filters.map(followedTopic)]),
    subscriptionsByTopic: async topic => {
      const found = await orElse('subscriptions', [], () => store.subscriptionsByTopic(topic))
      const once = new Map<string, StoredSubscription>()
      for (const subscription of [...found, ...sessions.followersOf(topic)]) {
        const { clientId, qos } = subscription
        if (clientId === undefined || !mayQueue(clientId, topic)) continue
        once.set(clientId, { ...subscription, qos: maxQos(qos, once.get(clientId)?.qos) })
      }
      return [...once.values()]
    },
    createRetainedStream: filter => streamOf('retained', () => store.createRetainedStream(filter)),
    createRetainedStreamCombi: filters => streamOf('retained', () => store.createRetainedStreamCombi(filters)),
    delWill: client => orElse('will', undefined, () => store.delWill(client)),
    streamWill: brokers => streamOf('wills', () => store.streamWill(brokers)),

    storeRetained: packet => store.storeRetained(packet),
    cleanSubscriptions: client => store.cleanSubscriptions(client),
    countOffline: () => store.countOffline(),
    outgoingEnqueue: (subscription, packet) => store.outgoingEnqueue(subscription, packet),
    outgoingEnqueueCombi: (subscriptions, packet) => store.outgoingEnqueueCombi(subscriptions, packet),
    outgoingUpdate: async (client, packet) => {
      if (packet.qos === 0) return // lowered by the delivery guard: not acknowledged, and queued for nobody
      try {
        await store.outgoingUpdate(client, packet)
      } catch (cause) {
        // A message on its way to a client that unsubscribes just then was not queued; Aedes would close the connection.
        if (packet.topic === undefined) throw cause
        await store.outgoingEnqueue({ clientId: client.id }, packet)
        await store.outgoingUpdate(client, packet)
      }
    },
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
