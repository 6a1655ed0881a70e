import type { Kysely, Selectable } from 'kysely'
import * as z from 'zod/mini'
import { type AuditEntry, type AuditStore, auditTargetKinds, type NewAuditEntry } from '../domain/audit.ts'
import { auditKinds } from '../protocol/operations/audit.ts'
import type { AuditTable, Tables } from './tables.ts'

/** SQLite binds at most 32 766 values in one statement. */
const rowsPerInsert = 500

/** {@link AuditStore} on the database. */
export function createAuditStore(db: Kysely<Tables>): AuditStore {
  return {
    async append(entries) {
      if (entries.length === 0) return
      await db.transaction().execute(async transaction => {
        for (let from = 0; from < entries.length; from += rowsPerInsert) {
          const rows = entries.slice(from, from + rowsPerInsert).map(rowOf)
          await transaction.insertInto('audit').values(rows).execute()
        }
      })
    },

    async query({ sinceMs, untilMs, who, kind, beforeId, afterId, limit }) {
      const rows = await db
        .selectFrom('audit')
        .leftJoin('account as actor', join =>
          join.onRef('actor.id', '=', 'audit.actor_id').on('audit.actor_kind', 'in', ['user', 'operator']),
        )
        .leftJoin('account as target', join =>
          join.onRef('target.id', '=', 'audit.target_id').on('audit.target_kind', '=', 'user'),
        )
        .selectAll('audit')
        .select(['actor.username as actor_name', 'target.username as target_name'])
        .$if(sinceMs !== undefined, query => query.where('at_ms', '>=', sinceMs ?? 0))
        .$if(untilMs !== undefined, query => query.where('at_ms', '<', untilMs ?? 0))
        .$if(kind !== undefined, query => query.where('kind', '=', kind ?? ''))
        .$if(beforeId !== undefined, query => query.where('audit.id', '<', beforeId ?? 0))
        .$if(afterId !== undefined, query => query.where('audit.id', '>', afterId ?? 0))
        .$if(who !== undefined, query =>
          query.where(({ or, eb, selectFrom }) => {
            const name = who?.normalize('NFC') ?? ''
            const account = () => selectFrom('account').select('account.id').where('account.username', '=', name)
            return or([
              eb('actor_id', '=', name),
              eb('target_id', '=', name),
              eb('client_id', '=', name),
              eb('actor_id', 'in', account()),
              eb('target_id', 'in', account()),
            ])
          }),
        )
        .orderBy('audit.id', afterId === undefined ? 'desc' : 'asc')
        .limit(limit)
        .execute()
      return rows.map(parseEntry)
    },

    async prune({ beforeMs, maxRows }, atMost) {
      // Ids are given one by one, and it is the lowest that go: counting rows would read all of them.
      const newest = await db.selectFrom('audit').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
      const lastId = (newest?.id ?? 0) - maxRows
      const remove = async (column: 'id' | 'at_ms', below: number, limit: number) => {
        const { numDeletedRows } = await db
          .deleteFrom('audit')
          .where('id', 'in', ({ selectFrom }) =>
            selectFrom('audit').select('id').where(column, '<', below).orderBy(column).limit(limit),
          )
          .executeTakeFirstOrThrow()
        return Number(numDeletedRows)
      }
      const tooMany = await remove('id', lastId + 1, atMost)
      const tooOld = tooMany < atMost ? await remove('at_ms', beforeMs, atMost - tooMany) : 0
      return tooMany + tooOld === atMost
    },
  }
}

const rowOf = ({ atMs, kind, actor, clientId, address, target, detail }: NewAuditEntry) => ({
  at_ms: atMs,
  kind,
  actor_kind: actor.kind,
  actor_id: actor.id,
  client_id: clientId,
  address,
  target_kind: target?.kind ?? null,
  target_id: target?.id ?? null,
  detail: detail ?? null,
})

const kindSchema = z.enum(auditKinds)
const actorKindSchema = z.enum(['guest', 'user', 'operator', 'device', 'service', 'cli'])
const targetKindSchema = z.enum(auditTargetKinds)

type Row = Selectable<AuditTable> & { readonly actor_name: string | null; readonly target_name: string | null }

const parseEntry = (row: Row): AuditEntry => ({
  id: row.id,
  atMs: row.at_ms,
  kind: kindSchema.parse(row.kind),
  actor: { kind: actorKindSchema.parse(row.actor_kind), id: row.actor_id },
  ...(row.actor_name !== null && { actorName: row.actor_name }),
  clientId: row.client_id,
  address: row.address,
  ...(row.target_kind !== null &&
    row.target_id !== null && { target: { kind: targetKindSchema.parse(row.target_kind), id: row.target_id } }),
  ...(row.target_name !== null && { targetName: row.target_name }),
  ...(row.detail !== null && { detail: row.detail }),
})
