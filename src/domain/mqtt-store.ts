import type { Readable } from 'node:stream'

/** A message as it is retained, queued or left as a will. `brokerId` and `brokerCounter` identify it within the broker. */
export interface StoredMessage {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  messageId?: number
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

/**
 * What keeps MQTT state: retained messages, stored sessions with their subscriptions and queues, incoming QoS 2, wills. It is Aedes'
 * persistence interface as promises; the in-memory one and a durable one are interchangeable behind it. Streams are in object mode.
 */
export interface MqttStore {
  setup(broker: unknown): Promise<void>
  storeRetained(message: StoredMessage): Promise<void>
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
  putWill(client: StoredClient, will: StoredMessage): Promise<void>
  getWill(client: StoredClient): Promise<StoredMessage | undefined>
  delWill(client: StoredClient): Promise<StoredMessage | undefined>
  streamWill(brokers?: Record<string, number>): Readable
  getClientList(filter: string): Readable
  destroy(): Promise<void>
}
