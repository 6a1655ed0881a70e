import type { KeptSession } from '../domain/mqtt-store.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeOwner, encodeOwner } from './owner-codec.ts'

interface Row {
  readonly client: string
  readonly owner: string
  readonly suspended: number
  readonly away_since: number | null
}

/** Sessions that outlive their connection: whose they are, and since when they are away. */
export function createSessionRecords(sqlite: Database) {
  const put = sqlite.prepare<[string, string, number, number | null]>(
    `insert into sessions (client, owner, suspended, away_since) values (?, ?, ?, ?) on conflict do update
     set owner = excluded.owner, suspended = excluded.suspended, away_since = excluded.away_since`,
  )
  const remove = sqlite.prepare<[string]>('delete from sessions where client = ?')
  const all = sqlite.prepare<[], Row>('select client, owner, suspended, away_since from sessions')

  return {
    keep({ clientId, owner, suspended, awaySinceMs }: KeptSession): void {
      put.run(clientId, encodeOwner(owner), Number(suspended), awaySinceMs ?? null)
    },
    forget: (clientId: string) => void remove.run(clientId),
    all: (): KeptSession[] =>
      all.all().map(({ client, owner, suspended, away_since }) => ({
        clientId: client,
        owner: decodeOwner(owner),
        suspended: suspended !== 0,
        ...(away_since !== null && { awaySinceMs: away_since }),
      })),
  }
}
