import type { Message } from '../../domain/message.ts'

/** Sends one connection its messages at QoS 1 and 2: at the reader's pace, in order, each under a packet id of its own. */
export interface Outbox {
  /** How many messages may be sent now, ahead of what waits. */
  readonly room: number
  /** True when something may wait. */
  readonly isBehind: boolean
  /** True when more waits than half of what may. */
  readonly isPressed: boolean
  /** Sends a retained message now, ahead of what waits. Only when there is room. */
  sendRetained(message: Message, qos: 1 | 2, identifiers?: readonly number[]): void
  /** PUBACK or PUBCOMP. */
  acknowledged(messageId: number): void
  /** PUBREC: the reader has the message. */
  received(messageId: number): void
  /** The reader has taken something: sends more of what waits. Never throws. */
  sendOn(): void
}

/** Sends one connection the retained messages for its new subscriptions. */
export interface RetainedFeed<Subscription> {
  /** To be called when the subscriptions have become active. */
  add(subscriptions: readonly Subscription[]): void
  /** True when the feed has something to send and it is its turn: the outbox waits for it. */
  readonly isDue: boolean
  /** The outbox has sent this many messages. */
  outboxSent(messages: number): void
  /** The reader has taken something: sends more. Never throws. */
  sendOn(): void
}
