import type { Message } from '../message.ts'

/** A message in the queue of a stored session, which has not acknowledged it. */
export interface QueuedMessage {
  /** Its number: a later message of the same queue has a higher one. */
  readonly seq: number
  /** Missing in what an earlier version has queued: then the message's own QoS, as far as the subscription allows. */
  readonly qos?: 1 | 2
  /** The packet id under which it was sent; missing when it was not. For a message that an earlier version has sent it is not {@link packetIdOf}. */
  readonly messageId?: number
  /** Undefined when the reader has it already [PUBREC]: only PUBREL is owed. */
  readonly message: Message | undefined
}

/** A part of a queue. */
export interface QueuePage {
  readonly rows: readonly QueuedMessage[]
  /** True when the queue holds more than half of what it may. */
  readonly isHalfFull: boolean
}

/** A session that is owed a message, and at which QoS. */
export interface Recipient {
  readonly clientId: string
  readonly qos: 1 | 2
}

/** A fan-out that an earlier process has not finished. */
export interface UnfinishedFanOut {
  readonly id: number
  readonly message: Message
  /** The sessions that still wait; `clientId` is empty for one that is gone. */
  readonly waiting: readonly Recipient[]
  /** How many have got the message. */
  readonly given: number
}

/** How much may wait for one session, or be read from its queue at once. */
export interface QueueLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** The queues of stored sessions: messages at QoS 1 and 2, in the order in which they came. Every call rejects with a fault of the store. */
export interface SessionQueues {
  /** What is queued after the number `afterSeq`, within the bounds; at least one message, if there is one. */
  page(clientId: string, afterSeq: number, bounds: QueueLimits): Promise<QueuePage>
  /** The highest number that a queue was given; 0 when none was. */
  lastSeq(clientId: string): Promise<number>
  /** How much the queue holds. */
  sizeOf(clientId: string): Promise<{ readonly messages: number; readonly bytes: number }>
  /** The unfinished fan-outs, in the order in which they began. */
  unfinishedFanOuts(): Promise<readonly UnfinishedFanOut[]>
}

const packetIds = 65_535

/** The packet id under which a queued message is sent, in every connection and from every node. */
export const packetIdOf = (seq: number): number => (seq % packetIds) + 1
