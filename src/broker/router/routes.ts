import type { Bus } from '../../domain/bus.ts'
import type { Qos } from '../../domain/qos.ts'
import { filterInShared } from '../../protocol/shared-filter.ts'
import type { IndexedSubscriptions, SessionReader, SessionSubscription } from '../sessions/session.ts'
import { createSubscriptionIndex } from '../sessions/subscription-index.ts'
import { SharedGroup } from './shared-group.ts'
import type { Turns } from './turns.ts'

/** A reader of a topic, with what its matching filters ask for together. */
export interface Route {
  readonly reader: SessionReader
  /** The highest of these filters. */
  readonly qos: Qos
  /** True when all of them say so. */
  readonly noLocal: boolean
  /** True when one of them says so. */
  readonly retainAsPublished: boolean
  /** The identifiers of the subscriptions that have one; missing when none has. */
  readonly identifiers?: readonly number[]
}

/** The one index of subscriptions: who reads what, connected or away. */
export interface Routes extends IndexedSubscriptions {
  /** Every reader of a topic name, once; those of shared subscriptions apart. */
  of(topic: string): readonly Route[]
  /** The shared subscriptions that match a topic name: one member of each gets a message. */
  groupsOn(topic: string): readonly SharedGroup[]
  /** The shared subscription with this filter, while it has a member. */
  group(filter: string): SharedGroup | undefined
}

/** What stands in the index for a filter. */
type Holder = SessionSubscription | SharedGroup

interface Found {
  readonly routes: readonly Route[]
  readonly groups: readonly SharedGroup[]
}

const removedPerStep = 64
const noGroups: readonly SharedGroup[] = []

/** Tells the bus which filters have a reader on this node. */
export function createRoutes(turns: Turns, bus: Pick<Bus, 'follow' | 'unfollow'>): Routes {
  const index = createSubscriptionIndex<Holder>()
  /** By the list that the index gives: it gives the same one until a subscription comes or goes. */
  const remembered = new WeakMap<readonly Holder[], Found>()
  const groups = new Map<string, SharedGroup>()

  function hold(filter: string, holder: Holder): void {
    if (index.add(filter, holder)) bus.follow(filter)
  }

  function release(filter: string, holder: Holder): void {
    if (index.remove(filter, holder)) bus.unfollow(filter)
  }

  function join(filter: string, member: SessionSubscription): void {
    const known = groups.get(member.filter)
    const group = known ?? new SharedGroup(member.filter)
    group.add(member)
    if (known) return
    groups.set(member.filter, group)
    hold(filter, group)
  }

  function leave(filter: string, member: SessionSubscription): void {
    const group = groups.get(member.filter)
    group?.remove(member)
    if (!group?.isEmpty) return
    groups.delete(member.filter)
    release(filter, group)
  }

  function remove(subscription: SessionSubscription): void {
    const shared = filterInShared(subscription.filter)
    if (shared === undefined) release(subscription.filter, subscription)
    else leave(shared, subscription)
  }

  function find(topic: string): Found {
    const holders = index.match(topic)
    const known = remembered.get(holders)
    if (known) return known
    const found = foundIn(holders)
    remembered.set(holders, found)
    return found
  }

  return {
    add(subscription) {
      const shared = filterInShared(subscription.filter)
      if (shared === undefined) hold(subscription.filter, subscription)
      else join(shared, subscription)
    },
    remove,
    removeOver(subscriptions) {
      let removed = 0
      const step = () => {
        const end = Math.min(removed + removedPerStep, subscriptions.length)
        for (const subscription of subscriptions.slice(removed, end)) remove(subscription)
        removed = end
        return removed < subscriptions.length
      }
      if (step()) turns.run(step)
    },
    of: topic => find(topic).routes,
    groupsOn: topic => (groups.size === 0 ? noGroups : find(topic).groups),
    group: filter => groups.get(filter),
  }
}

function foundIn(holders: readonly Holder[]): Found {
  const routes = new Map<SessionReader, Route>()
  const groups: SharedGroup[] = []
  for (const holder of holders) {
    if (holder instanceof SharedGroup) {
      groups.push(holder)
      continue
    }
    const { reader, qos, noLocal = false, retainAsPublished = false, identifier } = holder
    const other = routes.get(reader)
    const identifiers = identifier === undefined ? other?.identifiers : [...(other?.identifiers ?? []), identifier]
    routes.set(reader, {
      reader,
      qos: other && other.qos >= qos ? other.qos : qos,
      noLocal: noLocal && (other?.noLocal ?? true),
      retainAsPublished: retainAsPublished || (other?.retainAsPublished ?? false),
      ...(identifiers && { identifiers }),
    })
  }
  return { routes: [...routes.values()], groups }
}
