import type { KeptWill } from '../domain/mqtt-store.ts'
import type { Principal } from '../domain/principal.ts'
import type { StoredMessage } from '../domain/stored-message.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { decodeOwner, encodeOwner } from './owner-codec.ts'

interface Row {
  readonly client: string
  readonly owner: string | null
  readonly message: Buffer
}

/** The wills of open connections; those of a broker that died are still there. */
export function createWillRecords(sqlite: Database) {
  const put = sqlite.prepare<[string, string, Buffer]>("insert or replace into wills values (?, '', ?, ?)")
  const remove = sqlite.prepare<[string]>('delete from wills where client = ?')
  const has = sqlite.prepare<[string], number>('select 1 from wills where client = ?').pluck()
  const all = sqlite.prepare<[], Row>('select client, owner, message from wills')

  return {
    put(clientId: string, will: StoredMessage, owner: Principal): void {
      put.run(clientId, encodeOwner(owner), encodeMessage(will))
    },
    has: (clientId: string): boolean => has.get(clientId) !== undefined,
    remove: (clientId: string) => void remove.run(clientId),
    all: (): KeptWill[] =>
      all.all().map(({ client, owner, message }) => ({
        clientId: client,
        message: decodeMessage(message),
        ...(owner !== null && { owner: decodeOwner(owner) }),
      })),
  }
}
