import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { Listings } from '../../domain/listings.ts'
import { accountColumns, parseAccount } from '../accounts/account-store.ts'
import { parseDevice } from '../devices/device-row.ts'
import type { Tables } from '../tables.ts'
import { pageInTurns, type Stretch } from './page-in-turns.ts'

/** {@link Listings} on the database. */
export function createListingStore(db: Kysely<Tables>): Listings {
  /** Finds the key of a table some rows behind another key. */
  const keyBehind =
    (table: 'account' | 'device', key: 'account.username' | 'device.id') => async (after: string, rows: number) => {
      const column = sql.ref<string>(key)
      const query = db.selectFrom(table).select(column.as('key')).where(column, '>', after)
      const found = await query
        .orderBy(column)
        .limit(1)
        .offset(rows - 1)
        .executeTakeFirst()
      return found?.key
    }

  return {
    accounts({ search = '', offset, limit }) {
      const found = ({ after, upTo }: Stretch) =>
        db
          .selectFrom('account')
          .where('username', '>', after)
          .$if(upTo !== undefined, query => query.where('username', '<=', upTo ?? ''))
          .where(({ or, eb }) => or([has(eb, 'username', search), has(eb, 'id', search)]))
      return pageInTurns(
        { offset, limit },
        {
          keyBehind: keyBehind('account', 'account.username'),
          countIn: async stretch => {
            const counted = found(stretch).select(({ fn }) => fn.countAll<number>().as('total'))
            return Number((await counted.executeTakeFirstOrThrow()).total)
          },
          rowsIn: async (stretch, part) => {
            const rows = found(stretch).select(accountColumns).orderBy('username')
            return (await rows.limit(part.limit).offset(part.offset).execute()).map(parseAccount)
          },
        },
      )
    },

    devices({ search = '', offset, limit }) {
      const found = ({ after, upTo }: Stretch) =>
        db
          .selectFrom('device')
          .leftJoin('member', join => join.onRef('member.device_id', '=', 'device.id').on('member.role', '=', 'owner'))
          .leftJoin('account', 'account.id', 'member.account_id')
          .where('device.id', '>', after)
          .$if(upTo !== undefined, query => query.where('device.id', '<=', upTo ?? ''))
          .where(({ or, eb }) =>
            or([
              has(eb, 'device.id', search),
              has(eb, 'device.name', search),
              has(eb, 'device.type', search),
              has(eb, 'account.username', search),
            ]),
          )
      return pageInTurns(
        { offset, limit },
        {
          keyBehind: keyBehind('device', 'device.id'),
          countIn: async stretch => {
            const counted = found(stretch).select(({ fn }) => fn.countAll<number>().as('total'))
            return Number((await counted.executeTakeFirstOrThrow()).total)
          },
          rowsIn: async (stretch, part) => {
            const rows = await found(stretch)
              .leftJoin('presence', 'presence.device_id', 'device.id')
              .select(['device.id', 'device.type', 'device.name', 'device.disabled', 'device.created_at_ms'])
              .select(['account.username as owner', 'presence.online', 'presence.since_ms'])
              .orderBy('device.id')
              .limit(part.limit)
              .offset(part.offset)
              .execute()
            return rows.map(row => ({
              ...parseDevice(row),
              owner: row.owner,
              online: row.online === 1,
              sinceMs: row.since_ms ?? 0,
            }))
          },
        },
      )
    },
  }
}

/** True for every row when `search` is empty. `%`, `_` and `\` in it are literal. */
const has = <DB, TB extends keyof DB>(
  eb: ExpressionBuilder<DB, TB>,
  column: Parameters<typeof eb.ref>[0],
  search: string,
) => sql<boolean>`(${search} = '' or ${eb.ref(column)} like ${`%${search.replace(/[\\%_]/g, '\\$&')}%`} escape '\\')`
