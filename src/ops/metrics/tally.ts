/** Counts by key, in the order in which the keys first appeared. */
export interface Tally<K> {
  add(key: K): void
  entries(): [key: K, count: number][]
}

export function createTally<K>(): Tally<K> {
  const counts = new Map<K, number>()
  return {
    add: key => void counts.set(key, (counts.get(key) ?? 0) + 1),
    entries: () => [...counts],
  }
}
