import { createSubscriptionIndex } from '../../domain/subscription-index.ts'
import type { Qos } from '../session/session.ts'
import type { Reader, Subscription } from './reader.ts'

/** A reader of a topic: what all its filters that match it come to. */
export interface Route {
  readonly reader: Reader
  /** The highest. */
  readonly qos: Qos
  /** All of them say so. */
  readonly noLocal: boolean
  /** One of them says so. */
  readonly retainAsPublished: boolean
}

/** The one index of subscriptions: who reads what, connected or away. */
export interface Routes {
  add(subscription: Subscription): void
  remove(subscription: Subscription): void
  /** Every reader of a topic name, once. */
  of(topic: string): readonly Route[]
}

const rememberedTopics = 10_000
const rememberedTopicLength = 256

export function createRoutes(): Routes {
  const index = createSubscriptionIndex<Subscription>()
  const remembered = new Map<string, { readonly found: readonly Subscription[]; readonly routes: readonly Route[] }>()

  return {
    add: subscription => index.add(subscription.filter, subscription),
    remove: subscription => index.remove(subscription.filter, subscription),
    of(topic) {
      const found = index.match(topic) // the same list, until a subscription comes or goes
      const known = remembered.get(topic)
      if (known?.found === found) return known.routes
      const routes = routesOf(found)
      if (topic.length > rememberedTopicLength) return routes
      if (remembered.size >= rememberedTopics) remembered.clear()
      remembered.set(topic, { found, routes })
      return routes
    },
  }
}

function routesOf(found: readonly Subscription[]): readonly Route[] {
  const routes = new Map<Reader, Route>()
  for (const { reader, qos, noLocal = false, retainAsPublished = false } of found) {
    const other = routes.get(reader)
    routes.set(
      reader,
      other
        ? {
            reader,
            qos: qos > other.qos ? qos : other.qos,
            noLocal: noLocal && other.noLocal,
            retainAsPublished: retainAsPublished || other.retainAsPublished,
          }
        : { reader, qos, noLocal, retainAsPublished },
    )
  }
  return [...routes.values()]
}
