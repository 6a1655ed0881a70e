import { Readable } from 'node:stream'
import {
  type MqttStore,
  NotStored,
  type RestoredSubscription,
  type StoredClient,
  type StoredMessage,
  type StoredSubscription,
} from '../../domain/mqtt-store.ts'
import type { Principal } from '../../domain/principal.ts'
import { maxQos } from '../session/derived-filters.ts'
import { followedIn, followedTopic } from '../session/followed-topic.ts'
import type { Qos } from '../session/session.ts'
import type { StoredSessions } from '../session/stored-sessions.ts'
import { sinkTopic } from '../sink.ts'

export interface GuardedStoreOptions {
  readonly store: MqttStore
  readonly sessions: StoredSessions
  /** The QoS at which this filter of this client was granted; undefined: not at all, or not to be stored. */
  readonly storedQos: (client: StoredClient, filter: string) => Qos | undefined
  /** Messages at QoS 2 that one client may have begun and not released. */
  readonly qos2Window: number
  /** Whom the live session by this client id acts for. */
  readonly principalOf: (clientId: string) => Principal | undefined
  /** Whether a message on this topic may be queued for a client that is away. */
  readonly mayQueue: (clientId: string, topic: string) => boolean
  /** Told of every message that is taken from a client's queue. */
  readonly queued: (client: StoredClient, message: StoredMessage) => void
  readonly onFault: (where: string, cause: unknown) => void
}

/**
 * A store as Aedes may see it. Only granted filters are stored, each list once: Aedes hands over every filter of a SUBSCRIBE, the refused
 * ones too, and all of them as often as there are filters. What followed filters stand for is not stored but added at every look. And where
 * a fault of the store would take the process down with it, the fault is reported and the answer is empty.
 */
export function createGuardedStore({
  store,
  sessions,
  storedQos,
  qos2Window,
  principalOf,
  mayQueue,
  queued,
  onFault,
}: GuardedStoreOptions): MqttStore {
  /** Aedes waits for ever for an answer that is a fault; so it is told that nobody is owed the message, which {@link MqttStore.whenKept} then refuses. */
  let failedLookUps = 0
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
    sessions.follow(id, followedIn(found))
    const restored = new Map<string, RestoredSubscription>()
    for (const subscription of found) restored.set(subscription.topic, { ...subscription, askedQos: subscription.qos })
    for (const [topic, qos] of sessions.derivedOf(id)) {
      const asked = restored.get(topic)
      restored.set(topic, asked ? { ...asked, qos: maxQos(asked.qos, qos) } : { topic, qos })
    }
    return restored.size === 0 && sessions.isComingBack(id) ? [nothingSubscribed] : [...restored.values()]
  }

  /** The sessions that are to be kept a message on this topic, each once, at the highest QoS. */
  async function owed(topic: string): Promise<StoredSubscription[]> {
    const once = new Map<string, StoredSubscription>()
    for (const subscription of [...(await store.subscriptionsByTopic(topic)), ...sessions.followersOf(topic)]) {
      const { clientId, qos } = subscription
      if (clientId === undefined || !mayQueue(clientId, topic)) continue
      once.set(clientId, { ...subscription, qos: maxQos(qos, once.get(clientId)?.qos) })
    }
    return [...once.values()]
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
      if (topic === sinkTopic) return []
      try {
        return await owed(topic)
      } catch (cause) {
        failedLookUps++
        onFault('store subscriptions', cause)
        return []
      }
    },
    retainedOn: topic => store.retainedOn(topic),
    createRetainedStream: filter => streamOf('retained', () => store.createRetainedStream(filter)),
    createRetainedStreamCombi: filters => streamOf('retained', () => store.createRetainedStreamCombi(filters)),
    delWill: client => orElse('will', undefined, () => store.delWill(client)),
    streamWill: brokers => streamOf('wills', () => store.streamWill(brokers)),

    storeRetained: (packet, owner) => store.storeRetained(packet, owner),
    hasRoomFor: (packet, owner) => store.hasRoomFor(packet, owner),
    cleanSubscriptions: client => store.cleanSubscriptions(client),
    countOffline: () => store.countOffline(),
    outgoingEnqueue: (subscription, packet) => store.outgoingEnqueue(subscription, packet),
    outgoingEnqueueCombi: (subscriptions, packet) => store.outgoingEnqueueCombi(subscriptions, packet),
    outgoingUpdate: async (client, packet) => {
      if (packet.qos === 0) return // lowered by the delivery guard: not acknowledged, and queued for nobody
      try {
        await store.outgoingUpdate(client, packet)
      } catch (cause) {
        // Where the store has no such message Aedes would close the connection. PUBREC is answered whatever became of its message: a client
        // says it again when PUBREL came late, and the message may have been dropped meanwhile.
        if (packet.topic === undefined && cause instanceof NotStored) return
        if (packet.topic === undefined) throw cause
        // A message on its way to a client that unsubscribes just then was not queued.
        await store.outgoingEnqueue({ clientId: client.id }, packet)
        await store.outgoingUpdate(client, packet)
      }
    },
    // Aedes clears a duplicate it did not deliver, which has no id yet: the store would take the first queued message without one.
    outgoingClearMessageId: async (client, packet) =>
      packet.messageId === undefined ? undefined : store.outgoingClearMessageId(client, packet),
    outgoingStream: client =>
      store.outgoingStream(client).map((message: StoredMessage) => {
        queued(client, message)
        return redelivered(message)
      }),
    incomingStorePacket: async (client, packet) => {
      if (store.receive(client, packet, qos2Window) === 'full')
        throw new Error('too many messages at QoS 2 not released')
    },
    receive: (client, packet, window) => store.receive(client, packet, window),
    incomingGetPacket: (client, packet) => store.incomingGetPacket(client, packet),
    incomingDelPacket: (client, packet) => store.incomingDelPacket(client, packet),
    cleanIncoming: client => store.cleanIncoming(client),
    putWill: (client, packet) => store.putWill(client, packet, principalOf(client.id)),
    getWill: client => store.getWill(client),
    getClientList: topic => store.getClientList(topic),
    destroy: () => store.destroy(),
    whenKept: work =>
      store.whenKept(async () => {
        const before = failedLookUps
        const result = await work()
        if (failedLookUps !== before) throw new Error('not known who is owed it')
        return result
      }),
    check: () => store.check(),
    keptWills: () => store.keptWills(),
    keepSession: session => store.keepSession(session),
    forgetSession: client => store.forgetSession(client),
    keptSessions: () => store.keptSessions(),
  }
}

/** Stands for a stored session without subscriptions: Aedes would say that there is no such session. It is refused like any other. */
const nothingSubscribed: RestoredSubscription = { topic: '$latchkey/session', qos: 0 }

/** What was sent once already says so: DUP [MQTT-3.3.1-1]. PUBREL, which has no topic, cannot. */
const redelivered = (message: StoredMessage): StoredMessage =>
  message.messageId === undefined || message.topic === undefined ? message : { ...message, dup: true }
