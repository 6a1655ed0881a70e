import type { Message } from '../message.ts'

/** A message that a stored session is owed, and has not acknowledged. */
export interface QueuedMessage {
  /** Its number: a later message of the same queue has a higher one. */
  readonly seq: number
  /** Missing in what an earlier version has queued: the message's own, as far as the subscription allows. */
  readonly qos?: 1 | 2
  /** The packet id under which it was sent; missing when it was not. Of what an earlier version has sent it is not {@link packetIdOf}. */
  readonly messageId?: number
  /** Undefined when the reader has it already [PUBREC]: only PUBREL is owed. */
  readonly message: Message | undefined
}

/** A part of a queue. */
export interface QueuePage {
  readonly rows: readonly QueuedMessage[]
  /** The queue holds more than half of what it may. */
  readonly isHalfFull: boolean
}

/** Who is owed a message, and at which QoS. */
export interface Recipient {
  readonly clientId: string
  readonly qos: 1 | 2
}

/** A message of which an earlier process has not given everybody theirs. */
export interface UnfinishedFanOut {
  readonly id: number
  readonly message: Message
  /** Who still waits; `clientId` is empty for one that is gone. */
  readonly waiting: readonly Recipient[]
  /** How many had theirs. */
  readonly given: number
}

/** What may wait for one session, or be read of it at once. */
export interface QueueLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** The messages at QoS 1 and 2 that stored sessions are owed, in the order they came. Every call rejects with a fault of the store. */
export interface SessionQueues {
  /** What is queued after the number `afterSeq`, within the bounds; at least one message, if there is one. */
  page(clientId: string, afterSeq: number, bounds: QueueLimits): Promise<QueuePage>
  /** The highest number that a queue was given; 0 when none was. */
  lastSeq(clientId: string): Promise<number>
  /** How much the queue holds. */
  sizeOf(clientId: string): Promise<{ readonly messages: number; readonly bytes: number }>
  /** In the order in which they were begun. */
  unfinishedFanOuts(): Promise<readonly UnfinishedFanOut[]>
}

const packetIds = 65_535

/** The packet id under which a queued message is sent, over whatever connections, from whatever node. */
export const packetIdOf = (seq: number): number => (seq % packetIds) + 1
