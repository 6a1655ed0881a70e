/** Which holders subscribed to what: a matcher of topic names against filters (MQTT 3.1.1 section 4.7). */
export interface SubscriptionIndex<Holder> {
  /** True when nobody held the filter. */
  add(filter: string, holder: Holder): boolean
  /** True when nobody holds the filter any more. */
  remove(filter: string, holder: Holder): boolean
  /** Every holder with a filter that matches the topic name, once, however many of its filters match. */
  match(topic: string): readonly Holder[]
}

interface Node<Holder> {
  readonly children: Map<string, Node<Holder>>
  readonly holders: Set<Holder>
}

/** For all remembered topics together. */
const rememberedHolders = 200_000
/** Longer topics are looked up each time, so that nobody fills the memory with names. */
const rememberedTopicLength = 256

/**
 * Makes an empty index: a trie of topic levels. The matches of a topic are remembered until a filter comes or goes, for a bounded number of topics. So a
 * message costs one look-up, however many holders there are.
 */
export function createSubscriptionIndex<Holder>({ rememberedTopics = 10_000 } = {}): SubscriptionIndex<Holder> {
  const root: Node<Holder> = createNode()
  const remembered = new Map<string, readonly Holder[]>()
  let holdersRemembered = 0
  function forget(): void {
    if (remembered.size > 0) remembered.clear() // clearing an empty map takes memory, and filters come and go by the thousand
    holdersRemembered = 0
  }

  return {
    add(filter, holder) {
      forget()
      let node = root
      for (const level of filter.split('/')) {
        let child = node.children.get(level)
        if (!child) {
          child = createNode()
          node.children.set(level, child)
        }
        node = child
      }
      const isFirst = node.holders.size === 0
      node.holders.add(holder)
      return isFirst
    },

    remove(filter, holder) {
      forget()
      return removeBelow(root, filter.split('/'), 0, holder)
    },

    match(topic) {
      let found = remembered.get(topic)
      if (!found) {
        const holders = new Set<Holder>()
        collect(root, topic.split('/'), 0, holders)
        found = [...holders]
        if (remembered.size >= rememberedTopics || holdersRemembered > rememberedHolders) forget()
        if (topic.length > rememberedTopicLength || rememberedTopics === 0) return found
        remembered.set(topic, found)
        holdersRemembered += found.length
      }
      return found
    },
  }
}

const createNode = <Holder>(): Node<Holder> => ({ children: new Map(), holders: new Set() })

function collect<Holder>(node: Node<Holder>, levels: readonly string[], depth: number, found: Set<Holder>): void {
  const system = depth === 0 && levels[0]?.startsWith('$') // [MQTT-4.7.2-1]
  if (!system) addAll(node.children.get('#'), found)
  const level = levels[depth]
  if (level === undefined) {
    addAll(node, found)
    return
  }
  const literal = node.children.get(level)
  if (literal) collect(literal, levels, depth + 1, found)
  const any = system ? undefined : node.children.get('+')
  if (any) collect(any, levels, depth + 1, found)
}

function addAll<Holder>(node: Node<Holder> | undefined, found: Set<Holder>): void {
  if (node) for (const holder of node.holders) found.add(holder)
}

/** Prunes nodes that nothing hangs from any more. True when the last holder of the filter is removed. */
function removeBelow<Holder>(node: Node<Holder>, levels: readonly string[], depth: number, holder: Holder): boolean {
  const level = levels[depth]
  if (level === undefined) {
    return node.holders.delete(holder) && node.holders.size === 0
  }
  const child = node.children.get(level)
  if (!child) return false
  const isLast = removeBelow(child, levels, depth + 1, holder)
  if (child.holders.size === 0 && child.children.size === 0) node.children.delete(level)
  return isLast
}
