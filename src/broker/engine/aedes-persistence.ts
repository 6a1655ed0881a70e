import type { Client } from 'aedes'
import type { EngineHooks } from './engine-client.ts'
import { sessionPresent } from './quirks.ts'

interface Asked {
  readonly topic: string
}

/**
 * What Aedes keeps in its store: the subscriptions of stored sessions, and whether there is one. Retained and queued messages, messages begun at QoS 2 and
 * wills never reach Aedes; the rest of its interface keeps nothing.
 */
export function createAedesPersistence(hooks: EngineHooks) {
  /** Aedes hands over the whole list of a SUBSCRIBE once for each of its filters. */
  const listsOnTheirWay = new WeakMap<object, Promise<void>>()

  async function keepGranted(client: Client, filters: readonly Asked[]): Promise<void> {
    await Promise.resolve() // the whole list is decided on by then
    await hooks.keepGranted(
      client,
      filters.map(({ topic }) => topic),
    )
  }

  return {
    async setup(): Promise<void> {},
    addSubscriptions(client: Client, filters: readonly Asked[]): Promise<void> {
      const onItsWay = listsOnTheirWay.get(filters) ?? keepGranted(client, filters)
      listsOnTheirWay.set(filters, onItsWay)
      return onItsWay
    },
    removeSubscriptions: (client: Client, filters: readonly string[]) => hooks.forgetFilters(client, filters),
    subscriptionsByClient: async ({ id }: { readonly id: string }) => (hooks.isComingBack(id) ? sessionPresent : []),
    cleanSubscriptions: async (): Promise<void> => {},
    cleanIncoming: async (): Promise<void> => {},

    subscriptionsByTopic: async () => [],
    outgoingEnqueueCombi: async (): Promise<void> => {},
    storeRetained: async (): Promise<void> => {},
    createRetainedStreamCombi: () => ({ pipe() {} }),
    outgoingStream: () => [],
    delWill: async (): Promise<void> => {},
    streamWill: () => [],
  }
}
