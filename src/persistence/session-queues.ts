import { type Message, sizeOf } from '../domain/message.ts'
import {
  packetIdOf,
  type QueuedMessage,
  type QueueLimits,
  type QueuePage,
  type Recipient,
} from '../domain/mqtt-state/session-queues.ts'
import type { Given, GivenTo, GiveWrite, Queueing } from '../domain/mqtt-state/write.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeQueued, encodeMessage } from './message-codec.ts'
import { createQueueNumbers } from './queue-numbers.ts'
import { createQueueSizes, type QueueSize } from './queue-sizes.ts'
import { createSharedMessages } from './shared-messages.ts'
import type { Transactions } from './transactions.ts'

/** How many messages were dropped from a session's queue, the oldest first, because newer ones did not fit. */
export type OnDropped = (clientId: string, messages: number) => void

interface Row {
  readonly seq: number
  readonly qos: 1 | 2 | null
  readonly message_id: number | null
  readonly released: number
  readonly size: number
  readonly message: Buffer | null
}

interface Removed {
  readonly size: number
  readonly shared: number | null
}

/** How a row holds its message: as bytes, or as the number of a shared message. */
interface Content {
  readonly sizeBytes: number
  readonly sharedId: number | null
  readonly bytes: Buffer | null
}

/** A message that takes less than this for all of its recipients together is stored in each of their queues. */
const sharedFromBytes = 4096

/**
 * The queues of stored sessions. Everything that writes must be called within a transaction. A message for one session is stored in its row, a message for
 * several once for all of them.
 */
export function createSessionQueues(
  sqlite: Database,
  transactions: Transactions,
  { maxMessages, maxBytes }: QueueLimits,
  onDropped: OnDropped,
) {
  const put = sqlite.prepare<[string, number, number, number | null, number, number | null, Buffer | null]>(
    'insert into queue (client, seq, qos, message_id, size, shared, message) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const page = sqlite.prepare<[string, number, number], Row>(
    `select seq, qos, message_id, released, size, coalesce(queue.message, shared_messages.message) as message
     from queue left join shared_messages on shared_messages.id = queue.shared
     where client = ? and seq > ? order by seq limit ?`,
  )
  const setMessageId = sqlite.prepare<[number, string, number]>(
    'update queue set message_id = ? where client = ? and seq = ?',
  )
  const unreleased = sqlite.prepare<[string, number], { readonly shared: number | null }>(
    'select shared from queue where client = ? and seq = ? and released = 0',
  )
  const setReleased = sqlite.prepare<[string, number]>(
    'update queue set released = 1, message = null, shared = null where client = ? and seq = ?',
  )
  const remove = sqlite.prepare<[string, number], Removed>(
    'delete from queue where client = ? and seq = ? returning size, shared',
  )
  /** What is in flight stays: at QoS 2 its reader remembers the packet id, which must not be another message's meanwhile. */
  const oldestUnsent = sqlite
    .prepare<[string], number>('select seq from queue where client = ? and message_id is null order by seq limit 1')
    .pluck()
  const removeAll = sqlite.prepare<[string], Removed>('delete from queue where client = ? returning size, shared')

  const numbers = createQueueNumbers(sqlite)
  const sizes = createQueueSizes(sqlite, transactions)
  const shared = createSharedMessages(sqlite)

  /** A queue that is fuller than this share of its bounds is pressed. */
  const isOver = ({ messages, bytes }: QueueSize, share = 1): boolean =>
    messages > maxMessages * share || bytes > maxBytes * share

  function take(clientId: string, seq: number): void {
    const row = remove.get(clientId, seq)
    if (!row) return
    sizes.shrink(clientId, row.size)
    if (row.shared !== null) shared.release(row.shared)
  }

  function dropOldest(clientId: string): void {
    let dropped = 0
    while (isOver(sizes.of(clientId))) {
      const seq = oldestUnsent.get(clientId)
      if (seq === undefined) break
      take(clientId, seq)
      dropped++
    }
    if (dropped > 0) transactions.afterCommit(() => onDropped(clientId, dropped))
  }

  function append({ clientId, qos, isSent }: GivenTo, { sizeBytes, sharedId, bytes }: Content): number {
    const seq = numbers.next(clientId)
    put.run(clientId, seq, qos, isSent ? packetIdOf(seq) : null, sizeBytes, sharedId, bytes)
    sizes.grow(clientId, sizeBytes)
    dropOldest(clientId)
    return seq
  }

  const appendAll = (recipients: readonly GivenTo[], content: Content): number[] =>
    recipients.map(recipient => append(recipient, content))

  function isShared(message: Message, recipients: readonly GivenTo[], waiting: readonly Recipient[]): boolean {
    return waiting.length > 0 || (recipients.length > 1 && recipients.length * sizeOf(message) > sharedFromBytes)
  }

  return {
    /** Appends a message, marked as sent where the recipient says so. Beyond the limits the oldest messages of a queue that were not sent are dropped. */
    add({ message, recipients, waiting }: Queueing): Given {
      const bytes = encodeMessage(message)
      const sizeBytes = bytes.length
      if (!isShared(message, recipients, waiting))
        return { numbers: appendAll(recipients, { sizeBytes, sharedId: null, bytes }) }
      const sharedId = shared.begin(bytes, recipients.length + waiting.length)
      if (waiting.length > 0) shared.keepWaiting(sharedId, waiting)
      const given = { numbers: appendAll(recipients, { sizeBytes, sharedId, bytes: null }) }
      return waiting.length > 0 ? { ...given, fanOut: sharedId } : given
    },
    give({ fanOut, recipients, skipped, given, isLast }: GiveWrite): Given {
      const content = { sizeBytes: shared.sizeOf(fanOut), sharedId: fanOut, bytes: null }
      const numbers = appendAll(recipients, content)
      if (skipped > 0) shared.release(fanOut, skipped)
      if (isLast) shared.end(fanOut)
      else shared.noteGiven(fanOut, given)
      return { numbers }
    },
    noteSent: (clientId: string, seq: number) => void setMessageId.run(packetIdOf(seq), clientId, seq),
    noteReceived(clientId: string, seq: number): void {
      const row = unreleased.get(clientId, seq)
      if (!row) return
      setReleased.run(clientId, seq)
      if (row.shared !== null) shared.release(row.shared)
    },
    remove: take,
    forget(clientId: string): void {
      for (const row of removeAll.all(clientId)) if (row.shared !== null) shared.release(row.shared)
      sizes.forget(clientId)
      numbers.forget(clientId)
      shared.strike(clientId)
    },

    page(clientId: string, afterSeq: number, bounds: QueueLimits): QueuePage {
      const rows: QueuedMessage[] = []
      let bytes = 0
      for (const row of page.iterate(clientId, afterSeq, bounds.maxMessages)) {
        bytes += row.size
        if (rows.length > 0 && bytes > bounds.maxBytes) break
        rows.push(queuedOf(row))
      }
      return { rows, isHalfFull: isOver(sizes.of(clientId), 1 / 2) }
    },
    sizeOf: sizes.of,
    lastSeq: numbers.last,
    unfinishedFanOuts: shared.unfinished,
  }
}

function queuedOf({ seq, qos, message_id, released, message }: Row): QueuedMessage {
  return {
    seq,
    ...(qos !== null && { qos }),
    ...(message_id !== null && { messageId: message_id }),
    message: message === null || released !== 0 ? undefined : decodeQueued(message),
  }
}
