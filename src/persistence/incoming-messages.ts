import { NotStored } from '../domain/mqtt-store.ts'
import type { StoredMessage } from '../domain/stored-message.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'

/** Messages at QoS 2 that clients have begun and not yet released, by packet id: a second one by that id is the same. */
export function createIncomingMessages(sqlite: Database) {
  const put = sqlite.prepare<[string, number, Buffer]>('insert or replace into incoming values (?, ?, ?)')
  const get = sqlite
    .prepare<[string, number], Buffer>('select message from incoming where client = ? and message_id = ?')
    .pluck()
  const remove = sqlite.prepare<[string, number]>('delete from incoming where client = ? and message_id = ?')
  const removeAll = sqlite.prepare<[string]>('delete from incoming where client = ?')
  const count = sqlite.prepare<[string], number>('select count(*) from incoming where client = ?').pluck()

  return {
    store(clientId: string, message: StoredMessage): void {
      put.run(clientId, message.messageId ?? 0, encodeMessage(message))
    },
    get(clientId: string, messageId: number | undefined): StoredMessage {
      const bytes = get.get(clientId, messageId ?? 0)
      if (!bytes) throw new NotStored('no such packet')
      return decodeMessage(bytes)
    },
    has: (clientId: string, messageId: number | undefined): boolean => get.get(clientId, messageId ?? 0) !== undefined,
    remove(clientId: string, messageId: number | undefined): void {
      if (remove.run(clientId, messageId ?? 0).changes === 0) throw new NotStored('no such packet')
    },
    clean: (clientId: string) => void removeAll.run(clientId),
    count: (clientId: string): number => count.get(clientId) ?? 0,
  }
}
