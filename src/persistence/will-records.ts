import type { KeptWill } from '../domain/mqtt-state/kept-wills.ts'
import type { Principal } from '../domain/principal.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { decodeOwner, encodeOwner } from './owner-codec.ts'

interface Row {
  readonly client: string
  readonly owner: string | null
  readonly message: Buffer
  readonly delay_seconds: number | null
  readonly expiry_seconds: number | null
  readonly due_at: number | null
}

/** The wills of connections to this process, and of an earlier process under its name that died. Those of an earlier version name no process. */
export function createWillRecords(sqlite: Database, node: string) {
  const put = sqlite.prepare<[string, string, string, Buffer, number | null, number | null, number | null]>(
    `insert or replace into wills (client, broker, owner, message, delay_seconds, expiry_seconds, due_at)
     values (?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = sqlite.prepare<[string]>('delete from wills where client = ?')
  const all = sqlite.prepare<[string], Row>(
    `select client, owner, message, delay_seconds, expiry_seconds, due_at from wills where broker in ('', ?)`,
  )

  return {
    put({
      clientId,
      owner,
      message,
      delaySeconds,
      expirySeconds,
      dueAtMs,
    }: KeptWill & { readonly owner: Principal }): void {
      const times = [delaySeconds ?? null, expirySeconds ?? null, dueAtMs ?? null] as const
      put.run(clientId, node, encodeOwner(owner), encodeMessage(message), ...times)
    },
    remove: (clientId: string) => void remove.run(clientId),
    all: (): KeptWill[] =>
      all.all(node).map(({ client, owner, message, delay_seconds, expiry_seconds, due_at }) => ({
        clientId: client,
        message: decodeMessage(message),
        ...(owner !== null && { owner: decodeOwner(owner) }),
        ...(delay_seconds !== null && { delaySeconds: delay_seconds }),
        ...(expiry_seconds !== null && { expirySeconds: expiry_seconds }),
        ...(due_at !== null && { dueAtMs: due_at }),
      })),
  }
}
