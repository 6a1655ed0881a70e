import { type Kysely, sql } from 'kysely'
import * as z from 'zod/mini'
import type { AccountStore, TokenRecord } from '../../domain/account.ts'
import type { Clock } from '../../domain/request.ts'
import { tokenRoles } from '../../protocol/claims.ts'
import { nextTurn } from '../../turns/in-turns.ts'
import { isOneOf } from '../is-one-of.ts'
import { createRowsById } from '../rows-by-id.ts'
import type { Tables } from '../tables.ts'
import { createTokenFamilyStore } from './token-family-store.ts'
import { rowOf } from './token-row.ts'

type TokenStore = Pick<
  AccountStore,
  | 'recordToken'
  | 'recordSuccessor'
  | 'useToken'
  | 'tokenById'
  | 'tokensById'
  | 'revokeToken'
  | 'revokeFamily'
  | 'signInsOf'
  | 'endToken'
  | 'serviceTokensEnding'
  | 'revokeTokensOf'
  | 'pruneTokens'
>

const tokensPerTurn = 1000
/** SQLite's own row number, which the index of subjects contains in order. */
const rowNumber = sql<number>`rowid`

const tokenRoleSchema = z.enum(tokenRoles)

/** The part of {@link AccountStore} that keeps every issued token on record. */
export function createTokenStore(db: Kysely<Tables>, now: Clock): TokenStore {
  const revoke = () => db.updateTable('token').set({ revoked_at_ms: now() }).where('revoked_at_ms', 'is', null)
  const families = createTokenFamilyStore(db, now)
  const rowsById = createRowsById(db, id => selectTokens(db).where('token.id', '=', id))
  return {
    recordSuccessor: families.recordSuccessor,
    useToken: families.useToken,
    revokeFamily: families.revokeFamily,
    signInsOf: families.signInsOf,

    async recordToken(token, familyId) {
      if (familyId !== undefined) return families.begin(token, familyId)
      await db.insertInto('token').values(rowOf(token)).execute()
    },

    async tokenById(id) {
      const [row] = await rowsById(id)
      return row && parseToken(row)
    },

    async tokensById(ids) {
      const rows = await selectTokens(db).where(isOneOf('token.id', ids)).execute()
      return new Map(rows.map(row => [row.id, parseToken(row)]))
    },

    async revokeToken(id) {
      await revoke().where('id', '=', id).execute()
    },

    async endToken(id, atMs) {
      await db
        .updateTable('token')
        .set({ ends_at_ms: sql<number>`min(coalesce(ends_at_ms, ${atMs}), ${atMs})` })
        .where('id', '=', id)
        .execute()
    },

    async serviceTokensEnding(nowMs, beforeMs, atMost) {
      const rows = await selectTokens(db)
        .where(sql<boolean>`token.role = 'service'`) // as a literal, so that the partial index of services is used
        .where('token.expires_at_ms', '>', nowMs)
        .where('token.expires_at_ms', '<', beforeMs)
        .where('token.revoked_at_ms', 'is', null)
        .where('token.ends_at_ms', 'is', null)
        .orderBy('token.expires_at_ms')
        .limit(atMost)
        .execute()
      return rows.map(parseToken)
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
        more = page.length === tokensPerTurn
        await revoke()
          .where('subject', '=', subject)
          .where(rowNumber, '>', after)
          // The last page includes tokens that a refresh has recorded since it was read: they would outlive their predecessors.
          .$if(more, query => query.where(rowNumber, '<=', last))
          .$if(exceptTokenId !== undefined, query => query.where('id', '!=', exceptTokenId ?? ''))
          .execute()
        after = last
      }
    },

    async pruneTokens(nowMs, atMost) {
      const { numDeletedRows } = await db
        .deleteFrom('token')
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('token').select('id').where('expires_at_ms', '<', nowMs).orderBy('expires_at_ms').limit(atMost),
        )
        .executeTakeFirstOrThrow()
      const moreFamilies = await families.prune(nowMs, atMost)
      return Number(numDeletedRows) === atMost || moreFamilies
    },
  }
}

const selectTokens = (db: Kysely<Tables>) =>
  db
    .selectFrom('token')
    .leftJoin('token_family as kin', 'kin.id', 'token.family')
    .selectAll('token')
    .select(['kin.began_at_ms', 'kin.used_generation', 'kin.used_token', 'kin.revoked_at_ms as family_revoked_at_ms'])

type TokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>['execute']>>[number]

const parseToken = (row: TokenRow): TokenRecord => ({
  id: row.id,
  subject: row.subject,
  role: tokenRoleSchema.parse(row.role),
  issuedAtMs: row.issued_at_ms,
  expiresAtMs: row.expires_at_ms,
  revoked: row.revoked_at_ms !== null || row.family_revoked_at_ms !== null,
  ...(row.acl_hash !== null && { aclHash: row.acl_hash }),
  ...(row.ends_at_ms !== null && { endsAtMs: row.ends_at_ms }),
  ...familyOf(row),
})

function familyOf(row: TokenRow): Pick<TokenRecord, 'family'> {
  const { family: id, generation, began_at_ms: beganAtMs, used_generation: usedGeneration, used_token: tokenId } = row
  if (id === null || generation === null || beganAtMs === null || usedGeneration === null || tokenId === null) return {}
  return { family: { id, beganAtMs, generation, used: { generation: usedGeneration, tokenId } } }
}
