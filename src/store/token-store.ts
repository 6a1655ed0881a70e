import { type Kysely, sql } from 'kysely'
import * as z from 'zod/mini'
import type { AccountStore, TokenRecord } from '../domain/account.ts'
import { nextTurn } from '../domain/in-turns.ts'
import type { Clock } from '../domain/request.ts'
import { tokenRoles } from '../protocol/claims.ts'
import { isOneOf } from './is-one-of.ts'
import type { Tables } from './tables.ts'

type TokenStore = Pick<
  AccountStore,
  'recordToken' | 'tokenById' | 'tokensById' | 'revokeToken' | 'revokeTokensOf' | 'pruneTokens'
>

const tokensPerTurn = 1000
/** SQLite's own number of a row: the index of subjects has it, in order. */
const rowNumber = sql<number>`rowid`

const tokenRoleSchema = z.enum(tokenRoles)

/** The part of {@link AccountStore} that keeps every issued token on record. */
export function createTokenStore(db: Kysely<Tables>, now: Clock): TokenStore {
  const revoke = () => db.updateTable('token').set({ revoked_at_ms: now() }).where('revoked_at_ms', 'is', null)
  return {
    async recordToken({ id, subject, role, issuedAtMs, expiresAtMs, aclHash }) {
      const times = { issued_at_ms: issuedAtMs, expires_at_ms: expiresAtMs, revoked_at_ms: null, ends_at_ms: null }
      await db
        .insertInto('token')
        .values({ id, subject, role, ...times, acl_hash: aclHash ?? null, family: null, generation: null })
        .execute()
    },

    async tokenById(id) {
      const row = await db.selectFrom('token').select(tokenColumns).where('id', '=', id).executeTakeFirst()
      return row && parseToken(row)
    },

    async tokensById(ids) {
      const rows = await db.selectFrom('token').select(tokenColumns).where(isOneOf('id', ids)).execute()
      return new Map(rows.map(row => [row.id, parseToken(row)]))
    },

    async revokeToken(id) {
      await revoke().where('id', '=', id).execute()
    },

    async revokeTokensOf(subject, exceptTokenId) {
      for (let after = 0, more = true; more; await nextTurn()) {
        const page = await db
          .selectFrom('token')
          .select(rowNumber.as('row'))
          .where('subject', '=', subject)
          .where(rowNumber, '>', after)
          .orderBy(rowNumber)
          .limit(tokensPerTurn)
          .execute()
        const last = page.at(-1)?.row ?? after
        await revoke()
          .where('subject', '=', subject)
          .where(rowNumber, '>', after)
          .where(rowNumber, '<=', last)
          .$if(exceptTokenId !== undefined, query => query.where('id', '!=', exceptTokenId ?? ''))
          .execute()
        after = last
        more = page.length === tokensPerTurn
      }
    },

    async pruneTokens(nowMs, atMost) {
      const { numDeletedRows } = await db
        .deleteFrom('token')
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('token').select('id').where('expires_at_ms', '<', nowMs).orderBy('expires_at_ms').limit(atMost),
        )
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows) === atMost
    },
  }
}

const tokenColumns = ['id', 'subject', 'role', 'issued_at_ms', 'expires_at_ms', 'revoked_at_ms', 'acl_hash'] as const

const parseToken = (row: Pick<Tables['token'], (typeof tokenColumns)[number]>): TokenRecord => ({
  id: row.id,
  subject: row.subject,
  role: tokenRoleSchema.parse(row.role),
  issuedAtMs: row.issued_at_ms,
  expiresAtMs: row.expires_at_ms,
  revoked: row.revoked_at_ms !== null,
  ...(row.acl_hash !== null && { aclHash: row.acl_hash }),
})
