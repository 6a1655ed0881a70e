import type { Qos } from '../../domain/qos.ts'
import { AskedFilters } from './asked-filters.ts'
import { Incoming } from './incoming.ts'

/** One subscription of a session. */
export interface Subscription<Connection> extends SubscriptionOptions {
  readonly reader: Reader<Connection>
  readonly filter: string
}

export interface SubscriptionOptions {
  readonly qos: Qos
  /** The session is not sent what it has published itself. */
  readonly noLocal?: true
  /** A message that was published with the retain flag is sent with it. */
  readonly retainAsPublished?: true
  /** The subscription identifier with which its messages are delivered. */
  readonly identifier?: number
}

/** The retained messages that are still to be sent for a subscription: those on topics after `after`, in order; all of them when that is empty. */
export interface UnfedSubscription<Connection> {
  readonly subscription: Subscription<Connection>
  after: string
}

/**
 * What messages are routed to: a session's subscriptions. The reader of a stored session lives as long as the session does, whether it is connected or
 * away; any other as long as its connection.
 */
export class Reader<Connection> {
  readonly clientId: string
  /** True when it outlives its connection (clean session off). */
  readonly isStored: boolean
  /** Its connection, from CONNACK to its end. */
  session: Connection | undefined
  /** By the filters that it subscribed to and was granted unchanged. */
  readonly asked: AskedFilters<Subscription<Connection>>
  /** By the filters over devices that a user subscribed to; {@link derived} holds what they stand for. */
  readonly followed = new Map<string, Subscription<Connection>>()
  /** By the exact filters that the followed ones stand for with the grants of the moment. */
  readonly derived = new Map<string, Subscription<Connection>>()
  /** The retained messages that it is still to be sent, in this or a later connection, in this order. */
  readonly unfed = new Set<UnfedSubscription<Connection>>()
  /** True when a subscription of this reader has, or had, an identifier. */
  hasIdentifiers = false
  /** The messages at QoS 2 that it has begun. */
  readonly incoming = new Incoming()

  constructor(clientId: string, isStored: boolean) {
    this.clientId = clientId
    this.asked = new AskedFilters(clientId)
    this.isStored = isStored
  }

  /** True while the subscription is one of this reader's. */
  holds(subscription: Subscription<Connection>): boolean {
    const { filter } = subscription
    return this.asked.get(filter) === subscription || this.derived.get(filter) === subscription
  }
}
