import type { Message } from '../domain/message.ts'
import type { KeptWill } from '../domain/mqtt-state/kept-wills.ts'
import type { Principal } from '../domain/principal.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { decodeOwner, encodeOwner } from './owner-codec.ts'

interface Row {
  readonly client: string
  readonly owner: string | null
  readonly message: Buffer
}

/** The wills of connections to this process, and of an earlier process under its name that died. Those of an earlier version name no process. */
export function createWillRecords(sqlite: Database, node: string) {
  const put = sqlite.prepare<[string, string, string, Buffer]>('insert or replace into wills values (?, ?, ?, ?)')
  const remove = sqlite.prepare<[string]>('delete from wills where client = ?')
  const all = sqlite.prepare<[string], Row>("select client, owner, message from wills where broker in ('', ?)")

  return {
    put(clientId: string, will: Message, owner: Principal): void {
      put.run(clientId, node, encodeOwner(owner), encodeMessage(will))
    },
    remove: (clientId: string) => void remove.run(clientId),
    all: (): KeptWill[] =>
      all.all(node).map(({ client, owner, message }) => ({
        clientId: client,
        message: decodeMessage(message),
        ...(owner !== null && { owner: decodeOwner(owner) }),
      })),
  }
}
