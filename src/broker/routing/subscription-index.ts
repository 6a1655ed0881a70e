/** Which holders subscribed to what: exact filters by look-up, wildcards by a walk down a trie of levels. */
export interface SubscriptionIndex<Holder> {
  add(filter: string, holder: Holder): void
  remove(filter: string, holder: Holder): void
  /** Calls `visit` once for every holder with a filter that matches the topic name, however many of its filters do. */
  match(topic: string, visit: (holder: Holder) => void): void
}

interface Node<Holder> {
  children: Map<string, Node<Holder>> | undefined
  holders: Set<Holder> | undefined
}

/** Makes an empty index. Its cost per message follows the filters that match, not the number of holders. */
export function createSubscriptionIndex<Holder>(): SubscriptionIndex<Holder> {
  const exact = new Map<string, Set<Holder>>()
  const wild: Node<Holder> = { children: undefined, holders: undefined }
  let wildcards = 0

  return {
    add(filter, holder) {
      if (!isWildcard(filter)) {
        const holders = exact.get(filter)
        if (holders) holders.add(holder)
        else exact.set(filter, new Set([holder]))
        return
      }
      let node = wild
      for (const level of filter.split('/')) {
        node.children ??= new Map()
        let child = node.children.get(level)
        if (!child) {
          child = { children: undefined, holders: undefined }
          node.children.set(level, child)
        }
        node = child
      }
      node.holders ??= new Set()
      if (!node.holders.has(holder)) wildcards++
      node.holders.add(holder)
    },

    remove(filter, holder) {
      if (!isWildcard(filter)) {
        const holders = exact.get(filter)
        if (holders?.delete(holder) && holders.size === 0) exact.delete(filter)
        return
      }
      if (removeBelow(wild, filter.split('/'), 0, holder)) wildcards--
    },

    match(topic, visit) {
      const holders = exact.get(topic)
      if (wildcards === 0) {
        if (holders) for (const holder of holders) visit(holder)
        return
      }
      const found = new Set(holders)
      collect(wild, topic.split('/'), 0, found)
      for (const holder of found) visit(holder)
    },
  }
}

const isWildcard = (filter: string): boolean => filter.includes('+') || filter.endsWith('#')

function collect<Holder>(node: Node<Holder>, levels: readonly string[], depth: number, found: Set<Holder>): void {
  const system = depth === 0 && levels[0]?.startsWith('$') // [MQTT-4.7.2-1]
  if (!system) addAll(node.children?.get('#')?.holders, found)
  const level = levels[depth]
  if (level === undefined) {
    addAll(node.holders, found)
    return
  }
  const literal = node.children?.get(level)
  if (literal) collect(literal, levels, depth + 1, found)
  const any = system ? undefined : node.children?.get('+')
  if (any) collect(any, levels, depth + 1, found)
}

function addAll<Holder>(holders: Set<Holder> | undefined, found: Set<Holder>): void {
  if (holders) for (const holder of holders) found.add(holder)
}

/** True when `holder` was there. Prunes nodes that nothing hangs from any more. */
function removeBelow<Holder>(node: Node<Holder>, levels: readonly string[], depth: number, holder: Holder): boolean {
  const level = levels[depth]
  if (level === undefined) return node.holders?.delete(holder) ?? false
  const child = node.children?.get(level)
  if (!child) return false
  const removed = removeBelow(child, levels, depth + 1, holder)
  if (!child.holders?.size && !child.children?.size) node.children?.delete(level)
  return removed
}
