import type { Principal } from './principal.ts'
import type { SessionQueues } from './session-queues.ts'
import type { StateStore } from './state-store.ts'
import type { StoredMessage } from './stored-message.ts'

export interface StoredSubscription {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  /** The session is not sent what it has published itself. */
  readonly noLocal?: true
  /** A message that was published to be retained says so. */
  readonly retainAsPublished?: true
  /** What is retained is still to be sent: what comes after this topic, all of it when it is empty. Missing when nothing is. */
  readonly unfedAfter?: string
}

/** Topics on which something may be retained that a filter matches, a part of all; where the next part begins, undefined after the last. */
export interface RetainedTopics {
  readonly topics: readonly string[]
  readonly next: string | undefined
}

/** A client, of which a store reads only the id. */
export interface StoredClient {
  readonly id: string
}

/** A session that outlives its connection (clean session off). */
export interface KeptSession {
  readonly clientId: string
  /** Whose it is; of a user, without the grants. */
  readonly owner: Principal
  /** Its owner's rights have ended: nothing is queued until the owner comes back. */
  readonly suspended: boolean
  /** Since when it is away, in milliseconds since 1970; missing while it is connected, or was when its broker died. */
  readonly awaySinceMs?: number
}

/** A will, and for whom it was left. */
export interface KeptWill {
  readonly clientId: string
  readonly owner?: Principal
  readonly message: StoredMessage
}

/**
 * What keeps MQTT state: retained messages, stored sessions with their subscriptions and queues, incoming QoS 2, wills.
 *
 * What a message leaves behind (`storeRetained`, `receive`, `queues`) is done within the call, so that all of it is of one transaction;
 * {@link MqttStore.whenKept} tells when it is kept. Every other change is done within the call too, unless it says otherwise, and resolves when it is kept.
 */
export interface MqttStore {
  readonly queues: SessionQueues
  /** Counts the message for `owner`, when given, until it is replaced or cleared. Throws with a fault of the store. */
  storeRetained(message: StoredMessage, owner?: string): void
  /** What is retained on exactly `topic` now, what this turn has written included. Throws with a fault of the store. */
  retainedOn(topic: string): StoredMessage | undefined
  /** The topics that a filter by wildcard matches, from `from` on: as many as a millisecond allows. Throws with a fault of the store. */
  retainedTopics(filter: string, from?: string): RetainedTopics
  /** The states of devices: {@link StateStore.put} is done within the call, as what a message leaves behind. */
  readonly states: StateStore
  addSubscriptions(client: StoredClient, subscriptions: readonly StoredSubscription[]): Promise<void>
  removeSubscriptions(client: StoredClient, filters: readonly string[]): Promise<void>
  subscriptionsByClient(client: StoredClient): Promise<readonly StoredSubscription[]>
  /** Notes {@link StoredSubscription.unfedAfter}, within the call, as what a message leaves behind. Throws with a fault of the store. */
  noteFed(client: StoredClient, filter: string, unfedAfter?: string): void
  /** Over several turns where there are many; what is subscribed meanwhile ends that. */
  cleanSubscriptions(client: StoredClient): Promise<void>
  cleanIncoming(client: StoredClient): Promise<void>
  putWill(clientId: string, will: StoredMessage, owner: Principal): Promise<void>
  delWill(clientId: string): Promise<void>
  /** Keeps what is not kept yet, and closes. */
  destroy(): Promise<void>

  /** Does `work`, and resolves when everything written meanwhile is kept; rejects when any of it was undone. */
  whenKept<T>(work: () => T): Promise<Awaited<T>>
  /** Does `work`; calls `kept` with what it gave when everything written meanwhile is kept, or `undone` with why it is not, or what it has thrown. */
  keep<T>(work: () => T, kept: (result: T) => void, undone: (cause: unknown) => void): void
  /** Calls `act` when what this turn has written so far is kept, or `undone` when it is not; at once when nothing is written. */
  afterCommit(act: () => void, undone?: () => void): void
  /** Throws, without waiting, when nothing can be kept now: the database is locked, the disk is full. */
  check(): void
  /**
   * Begins a message at QoS 2, at once, unless it was begun under its packet id before, or `window` of them are not released yet. Throws
   * with a fault of the store.
   */
  receive(clientId: string, messageId: number, window: number): 'new' | 'known' | 'full'
  /** Releases a message at QoS 2; false when none was begun under this packet id. Throws with a fault of the store. */
  release(clientId: string, messageId: number): boolean
  /** Whether `owner` may retain the message besides what it has retained. Throws with a fault of the store. */
  hasRoomFor(message: StoredMessage, owner: string): boolean
  /** Every will, those of a broker that died among them. */
  keptWills(): Promise<readonly KeptWill[]>
  /** Keeps a session, or what has changed of it. */
  keepSession(session: KeptSession): Promise<void>
  /**
   * Forgets a session with its subscriptions, its queue and its messages at QoS 2; over several turns where there is much, but one that is kept
   * again meanwhile has nothing of it.
   */
  forgetSession(client: StoredClient): Promise<void>
  /** Every session that is kept. */
  keptSessions(): Promise<readonly KeptSession[]>
}
