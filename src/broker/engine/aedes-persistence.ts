import type { Client } from 'aedes'
import type { MqttStore, StoredClient, StoredSubscription } from '../../domain/mqtt-store.ts'
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
}

/**
 * What Aedes keeps in its store: the subscriptions of stored sessions, and whether there is one. What is retained, queued, begun or left as a
 * will never reaches Aedes; the rest of its interface keeps nothing.
 */
export function createAedesPersistence({
  store,
  sessionOf,
  grantedOf,
  isComingBack,
  holderOf,
}: AedesPersistenceOptions) {
  /** Aedes hands over the whole list of a SUBSCRIBE as often as it has filters. */
  const listsOnTheirWay = new WeakMap<object, Promise<void>>()
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

    /** What somebody has begun who has taken the id over is not this client's. */
    async cleanIncoming(client: Client): Promise<void> {
      const holder = holderOf(client.id)
      if (!holder?.ready || holder.client === client) await store.cleanIncoming(id(client))
    },

    subscriptionsByTopic: async () => [],
    outgoingEnqueueCombi: async (): Promise<void> => {},
    storeRetained: async (): Promise<void> => {},
    createRetainedStreamCombi: () => ({ pipe() {} }),
    outgoingStream: () => [],
    delWill: async (): Promise<void> => {},
    streamWill: () => [],
  }
}

/** Refused like any other filter below `$`: it only says that there is a session. */
const anySubscription = { topic: '$latchkey/session', qos: 0 }
