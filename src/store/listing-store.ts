import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { Listings } from '../domain/listings.ts'
import { accountColumns, parseAccount } from './account-store.ts'
import { parseDevice } from './device-row.ts'
import type { Tables } from './tables.ts'

/** {@link Listings} on the database. */
export function createListingStore(db: Kysely<Tables>): Listings {
  return {
    async accounts({ search = '', offset, limit }) {
      const found = db
        .selectFrom('account')
        .where(({ or, eb }) => or([has(eb, 'username', search), has(eb, 'id', search)]))
      const rows = await found.select(accountColumns).orderBy('username').limit(limit).offset(offset).execute()
      const { total } = await found.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
      return { total: Number(total), rows: rows.map(parseAccount) }
    },

    async devices({ search = '', offset, limit }) {
      const found = db
        .selectFrom('device')
        .leftJoin('member', join => join.onRef('member.device_id', '=', 'device.id').on('member.role', '=', 'owner'))
        .leftJoin('account', 'account.id', 'member.account_id')
        .where(({ or, eb }) =>
          or([
            has(eb, 'device.id', search),
            has(eb, 'device.name', search),
            has(eb, 'device.type', search),
            has(eb, 'account.username', search),
          ]),
        )
      const rows = await found
        .leftJoin('presence', 'presence.device_id', 'device.id')
        .select(['device.id', 'device.type', 'device.name', 'device.disabled', 'device.created_at_ms'])
        .select(['account.username as owner', 'presence.online', 'presence.since_ms'])
        .orderBy('device.id')
        .limit(limit)
        .offset(offset)
        .execute()
      const { total } = await found.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
      return {
        total: Number(total),
        rows: rows.map(row => ({
          ...parseDevice(row),
          owner: row.owner,
          online: row.online === 1,
          sinceMs: row.since_ms ?? 0,
        })),
      }
    },
  }
}

/** True for every row when `search` is empty. `%`, `_` and `\` in it stand for themselves. */
const has = <DB, TB extends keyof DB>(
  eb: ExpressionBuilder<DB, TB>,
  column: Parameters<typeof eb.ref>[0],
  search: string,
) => sql<boolean>`(${search} = '' or ${eb.ref(column)} like ${`%${search.replace(/[\\%_]/g, '\\$&')}%`} escape '\\')`
