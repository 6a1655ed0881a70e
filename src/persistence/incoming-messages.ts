import type { Database } from '../sqlite/sqlite.ts'
import { encodeMessage } from './message-codec.ts'

/** What the version before kept beside a packet id, and this one does not need; a folder that goes back must still be readable. */
const nothing = encodeMessage({ topic: '', payload: '', qos: 2, retain: false })

/** Messages at QoS 2 that clients have begun and not yet released, by packet id: a second one by that id is the same. */
export function createIncomingMessages(sqlite: Database) {
  const put = sqlite.prepare<[string, number, Buffer]>('insert or replace into incoming values (?, ?, ?)')
  const has = sqlite
    .prepare<[string, number], number>('select 1 from incoming where client = ? and message_id = ?')
    .pluck()
  const remove = sqlite.prepare<[string, number]>('delete from incoming where client = ? and message_id = ?')
  const removeAll = sqlite.prepare<[string]>('delete from incoming where client = ?')
  const count = sqlite.prepare<[string], number>('select count(*) from incoming where client = ?').pluck()

  return {
    begin: (clientId: string, messageId: number) => void put.run(clientId, messageId, nothing),
    has: (clientId: string, messageId: number): boolean => has.get(clientId, messageId) !== undefined,
    remove: (clientId: string, messageId: number) => void remove.run(clientId, messageId),
    clean: (clientId: string) => void removeAll.run(clientId),
    count: (clientId: string): number => count.get(clientId) ?? 0,
  }
}
