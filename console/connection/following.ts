import { matchesFilter } from '../../src/protocol/topic-filter.ts'

/** Who receives which topics. A filter is subscribed to while somebody wants it. */
export interface Following {
  add(filters: readonly string[], take: (payload: string, topic: string) => void): () => void
  received(topic: string, payload: string): void
}

interface Options {
  readonly subscribe: (filter: string) => void
  readonly unsubscribe: (filter: string) => void
}

export function createFollowing({ subscribe, unsubscribe }: Options): Following {
  const followers = new Set<{ filters: readonly string[]; take: (payload: string, topic: string) => void }>()
  const isWanted = (filter: string) => [...followers].some(({ filters }) => filters.includes(filter))

  return {
    add(filters, take) {
      const follower = { filters, take }
      const fresh = filters.filter(filter => !isWanted(filter))
      followers.add(follower)
      for (const filter of fresh) subscribe(filter)
      return () => {
        followers.delete(follower)
        for (const filter of filters) if (!isWanted(filter)) unsubscribe(filter)
      }
    },
    received(topic, payload) {
      for (const { filters, take } of followers) {
        if (filters.some(filter => matchesFilter(filter, topic))) take(payload, topic)
      }
    },
  }
}
