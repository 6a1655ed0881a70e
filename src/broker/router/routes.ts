import type { Bus } from '../../domain/bus.ts'
import type { Qos } from '../../domain/qos.ts'
import type { IndexedSubscriptions, SessionReader, SessionSubscription } from '../sessions/session.ts'
import { createSubscriptionIndex } from '../sessions/subscription-index.ts'
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
  /** Every reader of a topic name, once. */
  of(topic: string): readonly Route[]
}

const removedPerStep = 64

/** Tells the bus which filters have a reader on this node. */
export function createRoutes(turns: Turns, bus: Pick<Bus, 'follow' | 'unfollow'>): Routes {
  const index = createSubscriptionIndex<SessionSubscription>()
  /** By the list that the index gives: it gives the same one until a subscription comes or goes. */
  const remembered = new WeakMap<readonly SessionSubscription[], readonly Route[]>()

  function remove(subscription: SessionSubscription): void {
    if (index.remove(subscription.filter, subscription)) bus.unfollow(subscription.filter)
  }

  return {
    add(subscription) {
      if (index.add(subscription.filter, subscription)) bus.follow(subscription.filter)
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
    of(topic) {
      const found = index.match(topic)
      const known = remembered.get(found)
      if (known) return known
      const routes = routesOf(found)
      remembered.set(found, routes)
      return routes
    },
  }
}

function routesOf(found: readonly SessionSubscription[]): readonly Route[] {
  const routes = new Map<SessionReader, Route>()
  for (const subscription of found) {
    const { reader, qos, noLocal = false, retainAsPublished = false, identifier } = subscription
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
  return [...routes.values()]
}
