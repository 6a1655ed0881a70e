import type { Qos } from '../../domain/qos.ts'
import { AskedFilters } from './asked-filters.ts'
import { Incoming } from './incoming.ts'

/** What a session has subscribed by one filter. */
export interface Subscription<Connection> extends SubscriptionOptions {
  readonly reader: Reader<Connection>
  readonly filter: string
}

export interface SubscriptionOptions {
  readonly qos: Qos
  /** The session is not sent what it has published itself. */
  readonly noLocal?: true
  /** A message that was published to be retained says so. */
  readonly retainAsPublished?: true
}

/** What is retained that a subscription is still to be sent: what comes after the topic `after`, in their order; all of it when that is empty. */
export interface Course<Connection> {
  readonly subscription: Subscription<Connection>
  after: string
}

/**
 * What messages are routed to: a session's subscriptions. The reader of a stored session lives as long as the session does, whether it is connected or
 * away; any other as long as its connection.
 */
export class Reader<Connection> {
  readonly clientId: string
  /** It outlives its connection (clean session off). */
  readonly isStored: boolean
  /** Its connection, from CONNACK to its end. */
  session: Connection | undefined
  /** By filters that it subscribed and was granted as they are. */
  readonly asked: AskedFilters<Subscription<Connection>>
  /** By filters over devices that a user subscribed; {@link derived} stands for them. */
  readonly followed = new Map<string, Subscription<Connection>>()
  /** By the exact filters that the followed ones stand for with the grants of the moment. */
  readonly derived = new Map<string, Subscription<Connection>>()
  /** What it is still to be sent of what is retained, in whatever connection, in this order. */
  readonly unfed = new Set<Course<Connection>>()
  /** What it has begun at QoS 2. */
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
