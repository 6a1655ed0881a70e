import type { StoredSubscription } from '../../domain/mqtt-store.ts'
import type { Qos } from './session.ts'

const prefix = '$follow/'

/**
 * The filter that stands in Aedes for a followed one: it keeps the subscription on record (and in the store of a session that
 * outlives its connection) but matches no message, for nobody publishes below `$`.
 */
export const followedTopic = (filter: string): string => prefix + filter

/** The followed filter behind `topic`, or undefined when `topic` is an ordinary one. */
export const followedFilterOf = (topic: string): string | undefined =>
  topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined

/** The followed filters among what is stored of a session, each with its QoS. */
export const followedIn = (subscriptions: readonly StoredSubscription[]): ReadonlyMap<string, Qos> =>
  new Map(
    subscriptions.flatMap(({ topic, qos }) => {
      const filter = followedFilterOf(topic)
      return filter === undefined ? [] : [[filter, qos] as const]
    }),
  )
