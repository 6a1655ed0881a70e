import { Readable } from 'node:stream'
import { NotStored, type StoredMessage } from '../domain/mqtt-store.ts'
import type { Database } from '../sqlite/sqlite.ts'
import type { GroupCommit } from './group-commit.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'

/** What may wait for one session. */
export interface QueueLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** Messages that were dropped from a session's queue, the oldest first, because newer ones did not fit. */
export type OnDropped = (clientId: string, messages: number) => void

interface Row {
  readonly seq: number
  readonly message_id: number | null
  readonly message: Buffer
}

interface Queue {
  readonly messages: number
  readonly bytes: number
}

const rowsPerRead = 128

/** The messages at QoS 1 and 2 that stored sessions are owed, in the order they came. */
export function createOutgoingQueues(
  sqlite: Database,
  { afterCommit }: GroupCommit,
  { maxMessages, maxBytes }: QueueLimits,
  onDropped: OnDropped,
) {
  const put = sqlite.prepare<[string, string, number, number, Buffer]>(
    'insert into outgoing (client, broker, counter, size, message) values (?, ?, ?, ?, ?)',
  )
  const byNumber = sqlite
    .prepare<[string, string, number], number>(
      'select seq from outgoing where client = ? and broker = ? and counter = ? order by seq limit 1',
    )
    .pluck()
  const byMessageId = sqlite.prepare<[string, number], Row>(
    'select seq, message_id, message from outgoing where client = ? and message_id = ? order by seq limit 1',
  )
  const oldest = sqlite
    .prepare<[string], number>('select seq from outgoing where client = ? order by seq limit 1')
    .pluck()
  const setMessageId = sqlite.prepare<[number, number]>('update outgoing set message_id = ? where seq = ?')
  const replace = sqlite.prepare<[Buffer, number]>('update outgoing set message = ? where seq = ?')
  const remove = sqlite.prepare<[number], number>('delete from outgoing where seq = ? returning size').pluck()
  const page = sqlite.prepare<[string, number, number, number], Row>(
    'select seq, message_id, message from outgoing where client = ? and seq > ? and seq <= ? order by seq limit ?',
  )
  const newest = sqlite.prepare<[string], number>('select max(seq) from outgoing where client = ?').pluck()
  const removeAll = sqlite.prepare<[string]>('delete from outgoing where client = ?')
  const grow = sqlite.prepare<[string, number], Queue>(
    `insert into queues values (?, 1, ?)
     on conflict do update set messages = messages + 1, bytes = bytes + excluded.bytes returning messages, bytes`,
  )
  const shrink = sqlite.prepare<[number, string], Queue>(
    'update queues set messages = messages - 1, bytes = bytes - ? where client = ? returning messages, bytes',
  )
  const removeQueue = sqlite.prepare<[string]>('delete from queues where client = ?')

  function take(clientId: string, seq: number): Queue | undefined {
    return shrink.get(remove.get(seq) ?? 0, clientId)
  }

  function enqueue(clientId: string, message: StoredMessage, bytes: Buffer): void {
    put.run(clientId, message.brokerId ?? '', message.brokerCounter ?? 0, bytes.length, bytes)
    let queue = grow.get(clientId, bytes.length)
    let dropped = 0
    while (queue && (queue.messages > maxMessages || queue.bytes > maxBytes)) {
      const first = oldest.get(clientId)
      if (first === undefined) break
      queue = take(clientId, first)
      dropped++
    }
    if (dropped > 0) afterCommit(() => onDropped(clientId, dropped))
  }

  function* queued(clientId: string): Iterable<StoredMessage> {
    const upTo = newest.get(clientId) ?? 0
    let after = 0
    for (;;) {
      const rows = page.all(clientId, after, upTo, rowsPerRead)
      for (const row of rows) yield sentAs(row)
      const lastRow = rows.at(-1)
      if (!lastRow) return
      after = lastRow.seq
    }
  }

  return {
    add(clientIds: readonly string[], message: StoredMessage): void {
      if (clientIds.length === 0) return
      const own = { ...message, messageId: undefined, dup: false } // those it came with are its sender's
      const bytes = encodeMessage(own)
      for (const clientId of clientIds) enqueue(clientId, message, bytes)
    },

    /** Notes the packet id under which a message is sent, or puts PUBREL in its place. */
    update(clientId: string, message: StoredMessage): void {
      const { brokerId, brokerCounter, messageId } = message
      const seq = brokerId === undefined ? undefined : byNumber.get(clientId, brokerId, brokerCounter ?? 0)
      if (seq !== undefined && messageId !== undefined) {
        setMessageId.run(messageId, seq)
        return
      }
      const sent = messageId === undefined ? undefined : byMessageId.get(clientId, messageId)
      if (!sent) throw new NotStored('no such packet')
      replace.run(encodeMessage(message), sent.seq)
    },

    /** Removes what was sent under this packet id, and gives it. */
    clear(clientId: string, messageId: number | undefined): StoredMessage | undefined {
      const row = messageId === undefined ? undefined : byMessageId.get(clientId, messageId)
      if (!row) return undefined
      take(clientId, row.seq)
      return sentAs(row)
    },

    /** What is queued now; what comes meanwhile is not part of it. */
    stream: (clientId: string): Readable => Readable.from(queued(clientId)),

    forget(clientId: string): void {
      removeAll.run(clientId)
      removeQueue.run(clientId)
    },
  }
}

/** A message with the packet id under which it was sent, if it was. */
const sentAs = ({ message_id, message }: Row): StoredMessage => ({
  ...decodeMessage(message),
  messageId: message_id ?? undefined,
})
