import type { Message } from '../../domain/message.ts'

/** What one connection is sent at QoS 1 and 2: paced by its reader, in order, each message under a packet id of its own. */
export interface Outbox {
  /** How many messages may be sent now, ahead of what waits. */
  readonly room: number
  /** Something may wait. */
  readonly isBehind: boolean
  /** More waits than half of what may. */
  readonly isPressed: boolean
  /** Sends what is retained, now, ahead of what waits. Only when there is room. */
  sendRetained(message: Message, qos: 1 | 2): void
  /** PUBACK or PUBCOMP. */
  acknowledged(messageId: number): void
  /** PUBREC: the reader has the message. */
  received(messageId: number): void
  /** The reader has taken something: sends more of what waits. Never throws. */
  sendOn(): void
}

/** What one connection is sent of what is retained. */
export interface RetainedFeed<Subscription> {
  /** To be called when the subscriptions became active. */
  add(subscriptions: readonly Subscription[]): void
  /** It has something to send, and it is its turn: the outbox sends nothing before. */
  readonly isDue: boolean
  /** The outbox has sent so many. */
  outboxSent(messages: number): void
  /** The reader has taken something: sends more. Never throws. */
  sendOn(): void
}
