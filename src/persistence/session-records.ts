import type { KeptSession } from '../domain/mqtt-state/kept-sessions.ts'
import type { Database } from '../sqlite/sqlite.ts'
import { decodeOwner, encodeOwner } from './owner-codec.ts'

interface Row {
  readonly client: string
  readonly owner: string
  readonly suspended: number
  readonly away_since: number | null
  readonly expiry_seconds: number | null
}

/** The stored sessions of this process: their owners, and since when they are away. Those of an earlier version name no process. */
export function createSessionRecords(sqlite: Database, node: string) {
  const put = sqlite.prepare<[string, string, number, number | null, string, number | null]>(
    `insert into sessions (client, owner, suspended, away_since, node, expiry_seconds) values (?, ?, ?, ?, ?, ?)
     on conflict do update set owner = excluded.owner, suspended = excluded.suspended, away_since = excluded.away_since,
     node = excluded.node, expiry_seconds = excluded.expiry_seconds`,
  )
  const remove = sqlite.prepare<[string]>('delete from sessions where client = ?')
  const all = sqlite.prepare<[string], Row>(
    'select client, owner, suspended, away_since, expiry_seconds from sessions where node is null or node = ?',
  )

  return {
    keep({ clientId, owner, suspended, awaySinceMs, expirySeconds }: KeptSession): void {
      put.run(clientId, encodeOwner(owner), Number(suspended), awaySinceMs ?? null, node, expirySeconds ?? null)
    },
    forget: (clientId: string) => void remove.run(clientId),
    all: (): KeptSession[] =>
      all.all(node).map(({ client, owner, suspended, away_since, expiry_seconds }) => ({
        clientId: client,
        owner: decodeOwner(owner),
        suspended: suspended !== 0,
        ...(away_since !== null && { awaySinceMs: away_since }),
        ...(expiry_seconds !== null && { expirySeconds: expiry_seconds }),
      })),
  }
}
