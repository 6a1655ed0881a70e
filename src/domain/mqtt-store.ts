import type { Readable } from 'node:stream'
import type { Principal } from './principal.ts'

/** A message as it is retained, queued or left as a will. `brokerId` and `brokerCounter` identify it within the broker. */
export interface StoredMessage {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup?: boolean
  messageId?: number | undefined
  brokerId?: string
  brokerCounter?: number
}

export interface StoredSubscription {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly clientId?: string
}

/** A subscription as it is given back to a session: `askedQos` is missing when it only follows from another. */
export interface RestoredSubscription {
  topic: string
  qos: 0 | 1 | 2
  readonly askedQos?: 0 | 1 | 2
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

/** A change that cannot be made as things are, which is no fault of the store. */
export class NotStored extends Error {}

/**
 * What keeps MQTT state: retained messages, stored sessions with their subscriptions and queues, incoming QoS 2, wills. It is Aedes'
 * persistence interface as promises, and below it what Aedes does not ask for. Streams are in object mode.
 *
 * What a message leaves behind (`storeRetained`, `outgoingEnqueue…`, `incomingStorePacket`) is done within the call and resolves at
 * once, so that all of it is of one transaction; {@link MqttStore.whenKept} tells when it is kept. Every other change resolves when it is kept.
 */
export interface MqttStore {
  readonly broker?: unknown
  setup(broker: { id: string }): Promise<void>
  /** Counts the message for `owner`, when given, until it is replaced or cleared. */
  storeRetained(message: StoredMessage, owner?: string): Promise<void>
  /** What is retained on exactly `topic` now, what this turn has written included. Throws with a fault of the store. */
  retainedOn(topic: string): StoredMessage | undefined
  createRetainedStream(filter: string): Readable
  createRetainedStreamCombi(filters: string[]): Readable
  addSubscriptions(client: StoredClient, subscriptions: StoredSubscription[]): Promise<void>
  removeSubscriptions(client: StoredClient, filters: string[]): Promise<void>
  subscriptionsByClient(client: StoredClient): Promise<StoredSubscription[]>
  subscriptionsByTopic(topic: string): Promise<StoredSubscription[]>
  cleanSubscriptions(client: StoredClient): Promise<void>
  countOffline(): Promise<{ subsCount: number; clientsCount: number }>
  outgoingEnqueue(subscription: { clientId: string }, message: StoredMessage): Promise<void>
  outgoingEnqueueCombi(subscriptions: { clientId: string }[], message: StoredMessage): Promise<void>
  outgoingUpdate(client: StoredClient, message: StoredMessage): Promise<void>
  outgoingClearMessageId(client: StoredClient, message: StoredMessage): Promise<StoredMessage | undefined>
  outgoingStream(client: StoredClient): Readable
  incomingStorePacket(client: StoredClient, message: StoredMessage): Promise<void>
  incomingGetPacket(client: StoredClient, message: StoredMessage): Promise<StoredMessage>
  incomingDelPacket(client: StoredClient, message: StoredMessage): Promise<void>
  cleanIncoming(client: StoredClient): Promise<void>
  putWill(client: StoredClient, will: StoredMessage, owner?: Principal): Promise<void>
  getWill(client: StoredClient): Promise<StoredMessage | undefined>
  delWill(client: StoredClient): Promise<StoredMessage | undefined>
  streamWill(brokers?: Record<string, number>): Readable
  getClientList(filter: string): Readable
  /** Keeps what is not kept yet, and closes. */
  destroy(): Promise<void>

  /** Does `work`, and resolves when everything written meanwhile is kept; rejects when any of it was undone. */
  whenKept<T>(work: () => Promise<T>): Promise<T>
  /** Throws, without waiting, when nothing can be kept now: the database is locked, the disk is full. */
  check(): void
  /**
   * Begins a message at QoS 2, at once, unless it was begun under its packet id before, or `window` of them are not released yet. Throws
   * with a fault of the store.
   */
  receive(client: StoredClient, message: StoredMessage, window: number): 'new' | 'known' | 'full'
  /** Whether `owner` may retain the message besides what it has retained. Throws with a fault of the store. */
  hasRoomFor(message: StoredMessage, owner: string): boolean
  /** Every will, those of a broker that died among them. */
  keptWills(): Promise<readonly KeptWill[]>
  /** Keeps a session, or what has changed of it. */
  keepSession(session: KeptSession): Promise<void>
  /** Forgets a session with its subscriptions, its queue and its messages at QoS 2. */
  forgetSession(client: StoredClient): Promise<void>
  /** Every session that is kept. */
  keptSessions(): Promise<readonly KeptSession[]>
}
