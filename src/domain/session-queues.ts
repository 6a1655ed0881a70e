import type { StoredMessage } from './stored-message.ts'

/** A message that a stored session is owed, and has not acknowledged. */
export interface QueuedMessage {
  /** Its number: a later message has a higher one, in any queue. */
  readonly seq: number
  /** Missing in what an earlier version has queued: the message's own, as far as the subscription allows. */
  readonly qos?: 1 | 2
  /** The packet id under which it was sent; missing when it was not. */
  readonly messageId?: number
  /** Undefined when the reader has it already [PUBREC]: only PUBREL is owed. */
  readonly message: StoredMessage | undefined
}

/** Who is owed a message, and at which QoS. */
export interface Recipient {
  readonly clientId: string
  readonly qos: 1 | 2
}

/** A message that several sessions are owed, kept once. */
export interface FanOut {
  readonly id: number
  readonly message: StoredMessage
  readonly sizeBytes: number
}

/** A fan-out that a process has begun and not ended: who still waits, and how many had theirs. */
export interface UnfinishedFanOut {
  readonly fanOut: FanOut
  readonly waiting: readonly Recipient[]
  readonly given: number
}

/** What may wait for one session. */
export interface QueueLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/**
 * The messages at QoS 1 and 2 that stored sessions are owed, in the order they came. Everything is done within the call and kept when the turn
 * is; every call throws with a fault of the store.
 */
export interface SessionQueues {
  /** Appends a message, sent under `messageId` when given, and gives its number. Beyond the limits the oldest messages that were not sent are dropped. */
  add(recipient: Recipient, message: StoredMessage, messageId?: number): number
  /** Keeps a message for so many queues, each of which is to be given it by {@link SessionQueues.addShared}, or skipped. */
  beginFanOut(message: StoredMessage, queues: number): FanOut
  /** Appends a fan-out's message, as {@link SessionQueues.add} does. */
  addShared(fanOut: FanOut, recipient: Recipient, messageId?: number): number
  /** How much the queue holds. */
  sizeOf(clientId: string): { readonly messages: number; readonly bytes: number }
  /** Whether the queue holds more than half of what it may. */
  isHalfFull(clientId: string): boolean
  /** A session is gone and gets nothing. */
  skipShared(fanOut: FanOut): void
  /** Notes who waits for the message, for a process that comes after this one. */
  keepWaiting(fanOut: FanOut, waiting: readonly Recipient[]): void
  /** Notes how many of them have theirs. */
  noteGiven(fanOut: FanOut, given: number): void
  /** Nobody waits any more. */
  endFanOut(fanOut: FanOut): void
  /** The fan-outs that an earlier process did not end, in order, and who still waits for each. */
  unfinishedFanOuts(): readonly UnfinishedFanOut[]
  /** What is queued after the number `afterSeq`, within the bounds; at least one message, if there is one. */
  page(clientId: string, afterSeq: number, bounds: QueueLimits): readonly QueuedMessage[]
  /** Packet ids under which something was sent and not acknowledged, and the number of each. */
  messageIdsInUse(clientId: string): ReadonlyMap<number, number>
  /** The highest number that was given. */
  lastSeq(): number
  /** Notes the packet id under which a message is being sent. */
  noteSent(clientId: string, seq: number, messageId: number): void
  /** Notes PUBREC: the reader has the message. */
  noteReleased(clientId: string, seq: number): void
  /** Removes a message: acknowledged, or not to be delivered any more. */
  remove(clientId: string, seq: number): void
}
