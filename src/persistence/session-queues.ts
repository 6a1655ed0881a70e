import type { QueuedMessage, QueueLimits, Recipient, SessionQueues } from '../domain/session-queues.ts'
import type { StoredMessage } from '../domain/stored-message.ts'
import type { Database } from '../sqlite/sqlite.ts'
import type { GroupCommit } from './group-commit.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { createQueueNumbers } from './queue-numbers.ts'
import { createQueueSizes, type QueueSize } from './queue-sizes.ts'
import { createSharedMessages } from './shared-messages.ts'

/** Messages that were dropped from a session's queue, the oldest first, because newer ones did not fit. */
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

/** {@link SessionQueues} on `mqtt.db`. A message of one session stands in its row, one of several once for all of them. */
export function createSessionQueues(
  sqlite: Database,
  commit: GroupCommit,
  { maxMessages, maxBytes }: QueueLimits,
  onDropped: OnDropped,
): SessionQueues & { forget(clientId: string): void } {
  const put = sqlite.prepare<[string, number, number, number | null, number, number | null, Buffer | null]>(
    'insert into queue (client, seq, qos, message_id, size, shared, message) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const page = sqlite.prepare<[string, number, number], Row>(
    `select seq, qos, message_id, released, size, coalesce(queue.message, shared_messages.message) as message
     from queue left join shared_messages on shared_messages.id = queue.shared
     where client = ? and seq > ? order by seq limit ?`,
  )
  const idsInUse = sqlite
    .prepare<[string], [number, number]>(
      'select message_id, seq from queue where client = ? and message_id is not null order by seq',
    )
    .raw()
  const setMessageId = sqlite.prepare<[number, string, number]>(
    'update queue set message_id = ? where client = ? and seq = ?',
  )
  const release = sqlite.prepare<[string, number], { readonly shared: number | null }>(
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

  const numbers = createQueueNumbers(sqlite, commit)
  const sizes = createQueueSizes(sqlite, commit)
  const shared = createSharedMessages(sqlite)

  /** More than this share of what it may. */
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
    if (dropped > 0) commit.afterCommit(() => onDropped(clientId, dropped))
  }

  function append(
    { clientId, qos }: Recipient,
    sizeBytes: number,
    messageId: number | undefined,
    { sharedId = null, bytes = null }: { sharedId?: number | null; bytes?: Buffer | null },
  ): number {
    const seq = numbers.next()
    put.run(clientId, seq, qos, messageId ?? null, sizeBytes, sharedId, bytes)
    sizes.grow(clientId, sizeBytes)
    dropOldest(clientId)
    return seq
  }

  return {
    add: (recipient, message, messageId) =>
      commit.write(() => {
        const bytes = encodeMessage(bare(message))
        return append(recipient, bytes.length, messageId, { bytes })
      }),
    sizeOf: sizes.of,
    isHalfFull: clientId => isOver(sizes.of(clientId), 1 / 2),
    beginFanOut: (message, queues) => commit.write(() => shared.begin(bare(message), queues)),
    addShared: ({ id, sizeBytes }, recipient, messageId) =>
      commit.write(() => append(recipient, sizeBytes, messageId, { sharedId: id })),
    skipShared: ({ id }) => commit.write(() => shared.release(id)),
    keepWaiting: ({ id }, waiting) => commit.write(() => shared.keepWaiting(id, waiting)),
    noteGiven: ({ id }, given) => commit.write(() => shared.noteGiven(id, given)),
    endFanOut: ({ id }) => commit.write(() => shared.end(id)),
    unfinishedFanOuts: shared.unfinished,

    page(clientId, afterSeq, bounds) {
      const found: QueuedMessage[] = []
      let bytes = 0
      for (const row of page.iterate(clientId, afterSeq, bounds.maxMessages)) {
        bytes += row.size
        if (found.length > 0 && bytes > bounds.maxBytes) break
        found.push(queuedOf(row))
      }
      return found
    },
    messageIdsInUse: clientId => new Map(idsInUse.all(clientId)),
    lastSeq: numbers.last,
    noteSent: (clientId, seq, messageId) => commit.write(() => void setMessageId.run(messageId, clientId, seq)),
    noteReleased: (clientId, seq) =>
      commit.write(() => {
        const row = release.get(clientId, seq)
        if (!row) return
        setReleased.run(clientId, seq)
        if (row.shared !== null) shared.release(row.shared)
      }),
    remove: (clientId, seq) => commit.write(() => take(clientId, seq)),
    /** Within the caller's own {@link GroupCommit.write}. */
    forget(clientId) {
      for (const row of removeAll.all(clientId)) if (row.shared !== null) shared.release(row.shared)
      sizes.forget(clientId)
      shared.strike(clientId)
    },
  }
}

/** Of a message, what its readers are owed: its packet id and DUP are its sender's. */
const bare = ({ topic, payload, qos, retain }: StoredMessage): StoredMessage => ({ topic, payload, qos, retain })

function queuedOf({ seq, qos, message_id, released, message }: Row): QueuedMessage {
  // A file of before has PUBREL itself in place of its message, which has no topic.
  const decoded = message === null || released !== 0 ? undefined : decodeMessage(message)
  const isReleased = decoded?.topic === undefined
  return {
    seq,
    ...(qos !== null && { qos }),
    ...(message_id !== null && { messageId: message_id }),
    message: isReleased ? undefined : decoded,
  }
}
