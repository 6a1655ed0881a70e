import type { KeptWill, StoredMessage } from '../domain/mqtt-store.ts'
import type { Principal } from '../domain/principal.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { decodeOwner, encodeOwner } from './owner-codec.ts'

interface Row {
  readonly client: string
  readonly broker: string
  readonly owner: string | null
  readonly message: Buffer
}

/** The wills of open connections; those of a broker that died are still there. */
export function createWillRecords(sqlite: Database) {
  const put = sqlite.prepare<[string, string, string | null, Buffer]>(
    'insert or replace into wills values (?, ?, ?, ?)',
  )
  const remove = sqlite.prepare<[string], Buffer>('delete from wills where client = ? returning message').pluck()
  const get = sqlite.prepare<[string], Buffer>('select message from wills where client = ?').pluck()
  const all = sqlite.prepare<[], Row>('select client, broker, owner, message from wills')

  return {
    put(clientId: string, brokerId: string, will: StoredMessage, owner: Principal | undefined): void {
      put.run(clientId, brokerId, owner ? encodeOwner(owner) : null, encodeMessage(will))
    },
    get(clientId: string): StoredMessage | undefined {
      const bytes = get.get(clientId)
      return bytes && decodeMessage(bytes)
    },
    remove(clientId: string): StoredMessage | undefined {
      const bytes = remove.get(clientId)
      return bytes && decodeMessage(bytes)
    },
    /** Those that none of these brokers keeps. */
    ofOthers: (brokers: Readonly<Record<string, number>>): StoredMessage[] =>
      all
        .all()
        .filter(({ broker }) => brokers[broker] === undefined)
        .map(({ message }) => decodeMessage(message)),
    all: (): KeptWill[] =>
      all.all().map(({ client, owner, message }) => ({
        clientId: client,
        message: decodeMessage(message),
        ...(owner !== null && { owner: decodeOwner(owner) }),
      })),
  }
}
