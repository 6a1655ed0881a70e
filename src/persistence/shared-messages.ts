import type { Recipient, UnfinishedFanOut } from '../domain/mqtt-state/session-queues.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage } from './message-codec.ts'

interface Row {
  readonly id: number
  readonly message: Buffer
  readonly waiting: string
  readonly given: number
}

/**
 * Messages that are stored once for many queues, until none of them needs them any more. Everything happens within the caller's transaction. The count of
 * queues is stored apart from the message, because SQLite writes a whole row again to change it.
 */
export function createSharedMessages(sqlite: Database) {
  const put = sqlite.prepare<[Buffer]>('insert into shared_messages (message) values (?)')
  const putCount = sqlite.prepare<[number, number]>('insert into shared_counts values (?, ?, 0)')
  const size = sqlite.prepare<[number], number>('select length(message) from shared_messages where id = ?').pluck()
  const shrink = sqlite
    .prepare<[number, number], number>('update shared_counts set queues = queues - ? where id = ? returning queues')
    .pluck()
  const remove = sqlite.prepare<[number]>('delete from shared_messages where id = ?')
  const removeCount = sqlite.prepare<[number]>('delete from shared_counts where id = ?')
  const putWaiting = sqlite.prepare<[number, string]>('insert into fan_outs values (?, ?)')
  const setGiven = sqlite.prepare<[number, number]>('update shared_counts set given = ? where id = ?')
  const removeWaiting = sqlite.prepare<[number]>('delete from fan_outs where id = ?')
  const naming = sqlite.prepare<[string], Pick<Row, 'id' | 'waiting'>>(
    'select id, waiting from fan_outs where instr(waiting, ?) > 0',
  )
  const setWaiting = sqlite.prepare<[string, number]>('update fan_outs set waiting = ? where id = ?')
  const all = sqlite.prepare<[], Row>(
    `select id, message, waiting, given from fan_outs join shared_messages using (id) join shared_counts using (id)
     order by id`,
  )

  return {
    /** Keeps a message for this many queues. */
    begin(bytes: Buffer, queues: number): number {
      const id = Number(put.run(bytes).lastInsertRowid)
      putCount.run(id, queues)
      return id
    },
    sizeOf: (id: number): number => size.get(id) ?? 0,
    keepWaiting: (id: number, waiting: readonly Recipient[]) =>
      void putWaiting.run(id, JSON.stringify(waiting.map(({ clientId, qos }) => ({ clientId, qos })))),
    /** A session is gone and waits for nothing any more: the next one with its client id is another. Those behind it keep their places. */
    strike(clientId: string): void {
      for (const { id, waiting } of naming.all(JSON.stringify(clientId))) {
        const left: readonly Recipient[] = JSON.parse(waiting)
        setWaiting.run(
          JSON.stringify(left.map(one => (one.clientId === clientId ? { ...one, clientId: '' } : one))),
          id,
        )
      }
    },
    /** This many of those that waited have got the message. */
    noteGiven: (id: number, given: number) => void setGiven.run(given, id),
    end: (id: number) => void removeWaiting.run(id),
    /** Some queues do not need the message any more. */
    release(id: number, queues = 1): void {
      if ((shrink.get(queues, id) ?? 0) > 0) return
      remove.run(id)
      removeCount.run(id)
    },
    unfinished: (): UnfinishedFanOut[] =>
      all.all().map(({ id, message, waiting, given }) => ({
        id,
        message: decodeMessage(message),
        waiting: JSON.parse(waiting).slice(given),
        given,
      })),
  }
}
