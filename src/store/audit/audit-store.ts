import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import * as z from 'zod/mini'
import { type AuditEntry, type AuditStore, auditTargetKinds, type NewAuditEntry } from '../../domain/audit.ts'
import { foldUsername } from '../../protocol/identifiers.ts'
import { auditKinds } from '../../protocol/operations/audit.ts'
import { deviceRoles } from '../../protocol/operations/device.ts'
import type { AuditTable, Tables } from '../tables.ts'

/** SQLite binds at most 32 766 values in one statement. */
const rowsPerInsert = 500

/** {@link AuditStore} on the database. */
export function createAuditStore(db: Kysely<Tables>): AuditStore {
  /** The ids that `who` may mean: itself, or the account of that name. */
  async function idsOf(who: string): Promise<string[]> {
    const name = who.normalize('NFC')
    const accounts = await db
      .selectFrom('account')
      .select('id')
      .where(({ or, eb }) => or([eb('username', '=', name), eb('folded', '=', foldUsername(name))]))
      .execute()
    return [name, ...accounts.map(({ id }) => id)]
  }

  return {
    async append(entries) {
      if (entries.length === 0) return
      await db.transaction().execute(async transaction => {
        for (let from = 0; from < entries.length; from += rowsPerInsert) {
          const rows = entries.slice(from, from + rowsPerInsert).map(rowOf)
          await transaction.insertInto('audit').values(rows).execute()
        }
        await resize(transaction, entries.filter(({ actor }) => isBounded(actor.kind)).length)
      })
    },

    async query({ sinceMs, untilMs, who, kind, beforeId, afterId, limit }) {
      const ids = who === undefined ? [] : await idsOf(who)
      const rows = await db
        .selectFrom('audit')
        .leftJoin('account as actor', join =>
          join.onRef('actor.id', '=', 'audit.actor_id').on('audit.actor_kind', 'in', ['user', 'operator']),
        )
        .leftJoin('account as target', join =>
          join.onRef('target.id', '=', 'audit.target_id').on('audit.target_kind', '=', 'user'),
        )
        .leftJoin('account as named', join =>
          join
            .on('audit.kind', 'in', ['member-removed', 'invitation-accepted'])
            .on('named.id', '=', sql<string>`substr(audit.detail, instr(audit.detail, 'user:') + 5)`),
        )
        .selectAll('audit')
        .select(['actor.username as actor_name', 'target.username as target_name', 'named.username as named_name'])
        .$if(sinceMs !== undefined, query => query.where('at_ms', '>=', sinceMs ?? 0))
        .$if(untilMs !== undefined, query => query.where('at_ms', '<', untilMs ?? 0))
        .$if(kind !== undefined, query => query.where('kind', '=', kind ?? ''))
        .$if(beforeId !== undefined, query => query.where('audit.id', '<', beforeId ?? 0))
        .$if(afterId !== undefined, query => query.where('audit.id', '>', afterId ?? 0))
        .$if(who !== undefined, query =>
          query.where(({ or, eb }) =>
            or([
              eb('actor_id', 'in', ids),
              eb('target_id', 'in', ids),
              eb('client_id', 'in', ids),
              // The same condition as in the index, so that it is used.
              sql<boolean>`audit.kind in ('member-removed', 'invitation-accepted') and audit.detail in (${sql.join(ids.flatMap(detailsNaming))})`,
            ]),
          ),
        )
        .orderBy('audit.id', afterId === undefined ? 'desc' : 'asc')
        .limit(limit)
        .execute()
      return rows.map(parseEntry)
    },

    prune: ({ beforeMs, maxRows }, atMost) =>
      db.transaction().execute(async transaction => {
        const size = await transaction.selectFrom('audit_size').select('bounded').executeTakeFirstOrThrow()
        const tooMany = Math.min(atMost, Math.max(0, size.bounded - maxRows))
        const pushedOut = await transaction
          .deleteFrom('audit')
          .where('id', 'in', ({ selectFrom }) =>
            selectFrom('audit').select('id').where(bounded).orderBy('id').limit(tooMany),
          )
          .returning('actor_kind')
          .execute()
        const tooOld = await transaction
          .deleteFrom('audit')
          .where('id', 'in', ({ selectFrom }) =>
            selectFrom('audit')
              .select('id')
              .where('at_ms', '<', beforeMs)
              .orderBy('at_ms')
              .limit(atMost - tooMany),
          )
          .returning('actor_kind')
          .execute()
        const gone = [...pushedOut, ...tooOld]
        await resize(transaction, -gone.filter(({ actor_kind }) => isBounded(actor_kind)).length)
        return gone.length === atMost
      }),
  }
}

/** False for operators and commands: their entries are pruned by age only. */
const isBounded = (actorKind: string): boolean => actorKind !== 'operator' && actorKind !== 'cli'
/** {@link isBounded} in SQL, as the condition of the index `audit_bounded`. */
const bounded = sql<boolean>`actor_kind not in ('operator', 'cli')`

async function resize(transaction: Transaction<Tables>, more: number): Promise<void> {
  if (more === 0) return
  await transaction
    .updateTable('audit_size')
    .set(({ eb }) => ({ bounded: eb('bounded', '+', more) }))
    .execute()
}

/** How details name an account that is neither actor nor target: a removed member, or the giver of an invitation. */
const detailsNaming = (accountId: string): string[] => [
  `user:${accountId}`,
  ...deviceRoles.map(role => `${role}, given by user:${accountId}`),
]

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

interface Row extends Selectable<AuditTable> {
  readonly actor_name: string | null
  readonly target_name: string | null
  readonly named_name: string | null
}

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
  ...(row.detail !== null && { detail: row.named_name === null ? row.detail : `${row.detail} (${row.named_name})` }),
})
