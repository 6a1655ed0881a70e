import type { Message } from '../message.ts'
import type { Principal } from '../principal.ts'
import type { KeptSession, StoredSubscription } from './kept-sessions.ts'
import type { KeptWill } from './kept-wills.ts'
import type { Recipient } from './session-queues.ts'

/** One thing to be kept. Those of one batch are kept together, or not at all. */
export type Write =
  | MessageWrite
  | GiveWrite
  /** A queued message is being sent, under {@link packetIdOf} its number. */
  | { readonly kind: 'sent'; readonly clientId: string; readonly seq: number }
  /** PUBREC: its reader has the message, and is owed PUBREL. */
  | { readonly kind: 'received'; readonly clientId: string; readonly seq: number }
  /** A queued message is acknowledged, or is not to be delivered any more. */
  | { readonly kind: 'acknowledged'; readonly clientId: string; readonly seq: number }
  /** A sender has begun a message at QoS 2, or has released it by PUBREL. */
  | { readonly kind: 'begun' | 'released'; readonly clientId: string; readonly messageId: number }
  /** A session, or what has changed of it. */
  | { readonly kind: 'session'; readonly session: KeptSession }
  /** A session is deleted with its subscriptions, its queue and its messages at QoS 2: the next session with its client id gets nothing of it. */
  | { readonly kind: 'forgotten'; readonly clientId: string }
  | { readonly kind: 'subscribed'; readonly clientId: string; readonly subscriptions: readonly StoredSubscription[] }
  | { readonly kind: 'unsubscribed'; readonly clientId: string; readonly filters: readonly string[] }
  /** How far the retained messages for a subscription are sent, see {@link StoredSubscription.unfedAfter}. */
  | {
      readonly kind: 'fed'
      readonly clientId: string
      readonly filter: string
      readonly unfedAfter?: string | undefined
    }
  | { readonly kind: 'will'; readonly will: KeptWill & { readonly owner: Principal } }
  | { readonly kind: 'will-gone'; readonly clientId: string }
  /** What is retained on a topic is removed, if its time was over at that moment. */
  | { readonly kind: 'retained-expired'; readonly topic: string; readonly atMs: number }
  /** The whole state of a device, retained on its topic; an empty one is removed. */
  | { readonly kind: 'state'; readonly deviceId: string; readonly tenure: string; readonly state: string }

/** A message that is retained, or put into queues, or both. */
export interface MessageWrite {
  readonly kind: 'message'
  /** An empty payload removes the retained message. It counts for `owner`, when given, until it is replaced or removed. */
  readonly retained?: { readonly message: Message; readonly owner?: string | undefined }
  readonly queued?: readonly Queueing[]
}

/** A message for the queues of several sessions. */
export interface Queueing {
  readonly message: Message
  /** Recipients that get the message with this write. */
  readonly recipients: readonly GivenTo[]
  /** Recipients that get it by later {@link GiveWrite}s. */
  readonly waiting: readonly Recipient[]
}

export interface GivenTo extends Recipient {
  /** It is sent as soon as it is kept: in flight from the beginning. */
  readonly isSent: boolean
}

/** Queues the message of a fan-out for its next recipients. */
export interface GiveWrite {
  readonly kind: 'give'
  readonly fanOut: number
  readonly recipients: readonly GivenTo[]
  /** How many others are gone, and get nothing. */
  readonly skipped: number
  /** How many have got the message, or are gone, after this write. */
  readonly given: number
  /** True when no recipient waits any more. */
  readonly isLast: boolean
}

/** The outcome of a write. */
export interface Outcome {
  /** Nothing of this write is kept, because its owner has retained as much as is allowed. The batch is kept all the same. */
  readonly refused?: 'no-room'
  /** For each {@link Queueing}, or for a {@link GiveWrite}: the numbers in the queues, in the order of its recipients. */
  readonly given: readonly Given[]
}

export interface Given {
  readonly numbers: readonly number[]
  /** The number by which a {@link GiveWrite} names the message; present when somebody waits. */
  readonly fanOut?: number
}

/** The outcome of a write that has no other result than that it is kept. */
export const kept: Outcome = { given: [] }
