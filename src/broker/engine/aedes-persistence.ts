import type { Client, PublishPacket } from 'aedes'
import type { MqttStore, StoredClient, StoredSubscription } from '../../domain/mqtt-store.ts'
import type { StoredMessage } from '../../domain/stored-message.ts'
import { followedTopic } from '../session/followed-topic.ts'
import type { Session } from '../session/session.ts'

export interface AedesPersistenceOptions {
  readonly store: MqttStore
  /** The session of Aedes' client. */
  readonly sessionOf: (client: Client) => Session | undefined
  /** Of a SUBSCRIBE's filters those that were granted, as they are to be stored. */
  readonly grantedOf: (client: Client, filters: readonly { readonly topic: string }[]) => readonly StoredSubscription[]
  /** Whether there was a stored session by this client id; asked once by each connection that takes it up. */
  readonly isComingBack: (clientId: string) => boolean
  /** The live session by this client id. */
  readonly holderOf: (clientId: string) => Session | undefined
  /** Messages at QoS 2 that one client may have begun and not released. */
  readonly qos2Window: number
  readonly onFault: (where: string, cause: unknown) => void
}

/** A packet that is answered: PUBACK, PUBREC, PUBCOMP, or the PUBREL that Aedes makes of PUBREC. */
interface Answer {
  readonly messageId?: number
}

/**
 * What Aedes keeps in its store, which is little: it routes nothing, so it owes nobody, and what is retained and queued is the router's. It tells
 * of acknowledgements by asking that they be stored.
 */
export function createAedesPersistence({
  store,
  sessionOf,
  grantedOf,
  isComingBack,
  holderOf,
  qos2Window,
  onFault,
}: AedesPersistenceOptions) {
  /** Aedes hands over the whole list of a SUBSCRIBE as often as it has filters. */
  const listsOnTheirWay = new WeakMap<object, Promise<void>>()
  /** Whose will is kept by a client id: that of a connection which was taken over ends later than its successor begins. */
  const keepers = new Map<string, Client>()
  const id = ({ id }: Client): StoredClient => ({ id })

  async function addSubscriptions(client: Client, filters: readonly { readonly topic: string }[]): Promise<void> {
    await Promise.resolve() // all of the list is decided on by then
    const granted = grantedOf(client, filters)
    if (granted.length > 0) await store.addSubscriptions(id(client), granted)
  }

  return {
    async setup(): Promise<void> {},
    addSubscriptions(client: Client, filters: readonly { readonly topic: string }[]): Promise<void> {
      const onItsWay = listsOnTheirWay.get(filters) ?? addSubscriptions(client, filters)
      listsOnTheirWay.set(filters, onItsWay)
      return onItsWay
    },
    removeSubscriptions(client: Client, filters: readonly string[]): Promise<void> {
      const isFollowed = (filter: string) => sessionOf(client)?.reader.followed.has(filter) === true
      return store.removeSubscriptions(id(client), [...filters, ...filters.filter(isFollowed).map(followedTopic)])
    },
    /** Aedes answers session-present when there is one; the subscriptions themselves are the router's. */
    subscriptionsByClient: async (client: Client) => (isComingBack(client.id) ? [anySubscription] : []),
    cleanSubscriptions: (client: Client) => store.cleanSubscriptions(id(client)),

    subscriptionsByTopic: async () => [],
    outgoingEnqueueCombi: async (): Promise<void> => {},
    storeRetained: async (): Promise<void> => {},
    createRetainedStreamCombi: () => ({ pipe() {} }),
    outgoingStream: () => [],
    /** PUBACK or PUBCOMP. */
    outgoingClearMessageId: async (client: Client, { messageId }: Answer): Promise<void> => {
      const session = sessionOf(client)
      if (messageId === undefined || !session?.outbox) return
      session.outbox.acknowledged(messageId)
      session.sendOn()
    },
    /** PUBREC: resolves when PUBREL may be sent. */
    outgoingUpdate: (client: Client, { messageId }: Answer): Promise<void> =>
      store.whenKept(() => {
        if (messageId !== undefined) sessionOf(client)?.outbox?.received(messageId)
      }),

    incomingGetPacket: (client: Client, packet: StoredMessage) => store.incomingGetPacket(id(client), packet),
    incomingDelPacket: (client: Client, packet: StoredMessage) => store.incomingDelPacket(id(client), packet),
    /** The router's has been begun by now; this is one that was sunk. */
    incomingStorePacket: async (client: Client, packet: StoredMessage): Promise<void> => {
      if (store.receive(id(client), packet, qos2Window) === 'full')
        throw new Error('too many messages at QoS 2 not released')
    },
    /** What somebody has begun who has taken the id over is not this client's. */
    async cleanIncoming(client: Client): Promise<void> {
      const holder = holderOf(client.id)
      if (!holder?.ready || holder.client === client) await store.cleanIncoming(id(client))
    },

    putWill(client: Client, will: PublishPacket): Promise<void> {
      keepers.set(client.id, client)
      return store.putWill(id(client), storedOf(will), holderOf(client.id)?.principal)
    },
    /** Asked at every beginning and end of a client. Aedes would end the process with a rejection. */
    delWill: async (client: StoredClient): Promise<void> => {
      const keeper = keepers.get(client.id)
      if (keeper && keeper !== client && !keeper.closed) return
      keepers.delete(client.id)
      try {
        await store.delWill({ id: client.id })
      } catch (cause) {
        onFault('store will', cause)
      }
    },
    streamWill: () => [],
  }
}

/** Refused like any other filter below `$`: it only says that there is a session. */
const anySubscription = { topic: '$latchkey/session', qos: 0 }

const storedOf = ({ topic, payload, qos, retain }: PublishPacket): StoredMessage => ({ topic, payload, qos, retain })
