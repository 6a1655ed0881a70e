import type { Database } from '../sqlite/sqlite.ts'
import { encodeMessage } from './message-codec.ts'

/** What an earlier version kept with a packet id; this one does not need it. */
const nothing = encodeMessage({ topic: '', payload: '', qos: 2, retain: false })

/** Messages at QoS 2 that stored sessions have begun and not yet released, by packet id: a second one with that id is the same message. */
export function createIncomingMessages(sqlite: Database) {
  const put = sqlite.prepare<[string, number, Buffer]>('insert or replace into incoming values (?, ?, ?)')
  const remove = sqlite.prepare<[string, number]>('delete from incoming where client = ? and message_id = ?')
  const removeAll = sqlite.prepare<[string]>('delete from incoming where client = ?')
  const ofClient = sqlite.prepare<[string], number>('select message_id from incoming where client = ?').pluck()

  return {
    begin: (clientId: string, messageId: number) => void put.run(clientId, messageId, nothing),
    release: (clientId: string, messageId: number) => void remove.run(clientId, messageId),
    clean: (clientId: string) => void removeAll.run(clientId),
    of: (clientId: string): number[] => ofClient.all(clientId),
  }
}
