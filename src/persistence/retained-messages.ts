import type { Message } from '../domain/message.ts'
import type { RetainedTopics } from '../domain/mqtt-state/retained-messages.ts'
import { matchesFilter } from '../protocol/topic-filter.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'

interface Row {
  readonly topic: string
  readonly message: Buffer
}

interface Held {
  readonly owner: string | null
  readonly size: number
}

/** How much one owner may have retained. */
export interface RetainedLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** How many topics are looked at for one page. */
const topicsPerPage = 256
/** Sorts after every topic with this prefix. */
const last = '\u{10FFFF}'

/** Retained messages. An exact filter is a look-up, whatever else is retained; a wildcard reads the topics that begin with its literal part. */
export function createRetainedMessages(sqlite: Database, { maxMessages, maxBytes }: RetainedLimits) {
  const put = sqlite.prepare<[string, Buffer, string | null, number, number | null]>(
    `insert into retained (topic, message, owner, size, expires_at) values (?, ?, ?, ?, ?) on conflict do update
     set message = excluded.message, owner = excluded.owner, size = excluded.size, expires_at = excluded.expires_at`,
  )
  const expired = sqlite
    .prepare<[number, number], string>('select topic from retained where expires_at <= ? limit ?')
    .pluck()
  const isExpired = sqlite.prepare<[string, number], 1>('select 1 from retained where topic = ? and expires_at <= ?')
  const held = sqlite.prepare<[string], Held>('select owner, size from retained where topic = ?')
  const owned = sqlite.prepare<[string], { messages: number; bytes: number }>(
    'select messages, bytes from retained_owners where owner = ?',
  )
  const count = sqlite.prepare<[string, number, number]>(
    `insert into retained_owners values (?, ?, ?) on conflict do update
     set messages = messages + excluded.messages, bytes = bytes + excluded.bytes`,
  )
  const remove = sqlite.prepare<[string]>('delete from retained where topic = ?')
  const get = sqlite.prepare<[string], Row>('select topic, message from retained where topic = ?')
  const range = sqlite
    .prepare<[string, string, number], string>(
      'select topic from retained where topic > ? and topic < ? order by topic limit ?',
    )
    .pluck()

  function on(topic: string): Message | undefined {
    const row = get.get(topic)
    return row && decodeMessage(row.message)
  }

  function topicsOf(filter: string, from: string | undefined): RetainedTopics {
    const prefix = literalPrefix(filter)
    const found = from === undefined && matchesFilter(filter, prefix) ? [prefix] : []
    const next = range.all(from ?? prefix, prefix + last, topicsPerPage)
    for (const topic of next) if (matchesFilter(filter, topic)) found.push(topic)
    return { topics: found, next: next.length < topicsPerPage ? undefined : next.at(-1) }
  }

  /** An empty payload removes the message. What it replaces does not count any more, for any owner. */
  function store(message: Message, owner?: string): void {
    const { topic, payload, expiresAtMs } = message
    const before = held.get(topic)
    if (before && before.owner !== null) count.run(before.owner, -1, -before.size)
    if (payload.length === 0) {
      remove.run(topic)
      return
    }
    const size = sizeOf(message)
    put.run(topic, encodeMessage(message), owner ?? null, size, expiresAtMs ?? null)
    if (owner !== undefined) count.run(owner, 1, size)
  }

  return {
    on,
    topicsOf,
    store,
    expired: (atMs: number): string[] => expired.all(atMs, topicsPerPage),
    removeExpired(topic: string, atMs: number): void {
      if (isExpired.get(topic, atMs)) store({ topic, payload: '', qos: 0, retain: true })
    },
    /** Whether `owner` may retain this in addition to what it has. */
    hasRoomFor(message: Message, owner: string): boolean {
      if (message.payload.length === 0) return true
      const has = owned.get(owner) ?? { messages: 0, bytes: 0 }
      const before = held.get(message.topic)
      const freed = before?.owner === owner ? { messages: 1, bytes: before.size } : { messages: 0, bytes: 0 }
      return has.messages - freed.messages < maxMessages && has.bytes - freed.bytes + sizeOf(message) <= maxBytes
    },
  }
}

const sizeOf = ({ topic, payload }: Message): number => Buffer.byteLength(topic) + Buffer.byteLength(payload)

/** The prefix of every topic that the filter matches: `a/#` matches `a` too. */
function literalPrefix(filter: string): string {
  const literal = filter.slice(0, filter.search(/[+#]/))
  return filter.endsWith('#') && filter.length === literal.length + 1 ? literal.replace(/\/$/, '') : literal
}
