import type { Qos, Session } from '../session/session.ts'

/** What a session has subscribed by one filter. */
export interface Subscription extends SubscriptionOptions {
  readonly reader: Reader
  readonly filter: string
}

export interface SubscriptionOptions {
  readonly qos: Qos
  /** The session is not sent what it has published itself. */
  readonly noLocal?: true
  /** A message that was published to be retained says so. */
  readonly retainAsPublished?: true
}

/**
 * Who messages are for: a session with its subscriptions. That of a stored session lives as long as the session does, whether it is connected or
 * away; any other as long as its connection.
 */
export class Reader {
  readonly clientId: string
  /** It outlives its connection (clean session off). */
  readonly isStored: boolean
  /** Its connection, from CONNACK to its end. */
  session: Session | undefined
  /** By filters that it subscribed and was granted as they are. */
  readonly asked = new Map<string, Subscription>()
  /** By filters over devices that a user subscribed; {@link derived} stands for them. */
  readonly followed = new Map<string, Subscription>()
  /** By the exact filters that the followed ones stand for with the grants of the moment. */
  readonly derived = new Map<string, Subscription>()

  constructor(clientId: string, isStored: boolean) {
    this.clientId = clientId
    this.isStored = isStored
  }

  /** True while the subscription is one of this reader's. */
  holds(subscription: Subscription): boolean {
    const { filter } = subscription
    return this.asked.get(filter) === subscription || this.derived.get(filter) === subscription
  }
}
