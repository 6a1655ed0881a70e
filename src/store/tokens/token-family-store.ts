import { type Kysely, sql } from 'kysely'
import type { AccountStore, NewTokenRecord } from '../../domain/account.ts'
import type { Clock } from '../../domain/request.ts'
import type { Tables } from '../tables.ts'
import { rowOf } from './token-row.ts'

interface TokenFamilyStore extends Pick<AccountStore, 'recordSuccessor' | 'useToken' | 'revokeFamily' | 'signInsOf'> {
  begin(token: NewTokenRecord, familyId: string): Promise<void>
  /** Like `pruneTokens`, for families of which every token has expired. */
  prune(nowMs: number, atMost: number): Promise<boolean>
}

/** True when the family `kin` of a row of `token` is not revoked, and the token is not superseded (`isSuperseded` of the domain). */
const isInForce = sql<boolean>`kin.id = token.family and kin.revoked_at_ms is null
  and (token.generation > kin.used_generation or (token.generation = kin.used_generation and token.id = kin.used_token))`

/** The part of the token store for families. Each change is one row of the family, however many tokens it has. */
export function createTokenFamilyStore(db: Kysely<Tables>, now: Clock): TokenFamilyStore {
  return {
    begin: (token, familyId) =>
      db.transaction().execute(async transaction => {
        await transaction
          .insertInto('token_family')
          .values({
            id: familyId,
            began_at_ms: token.issuedAtMs,
            expires_at_ms: token.expiresAtMs,
            revoked_at_ms: null,
            used_generation: 0,
            used_token: token.id,
          })
          .execute()
        await transaction
          .insertInto('token')
          .values({ ...rowOf(token), family: familyId, generation: 0 })
          .execute()
      }),

    async signInsOf(accountId, nowMs, atMost) {
      const rows = await db
        .selectFrom('token_family')
        .select(['id', 'began_at_ms', 'expires_at_ms'])
        .where('revoked_at_ms', 'is', null)
        .where('expires_at_ms', '>', nowMs)
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('token')
            .select(sql<string>`family`.as('family'))
            .where('subject', '=', accountId)
            .where('revoked_at_ms', 'is', null)
            .where('family', 'is not', null),
        )
        .orderBy('began_at_ms', 'desc')
        .orderBy('id')
        .limit(atMost)
        .execute()
      return rows.map(row => ({ id: row.id, beganAtMs: row.began_at_ms, expiresAtMs: row.expires_at_ms }))
    },

    recordSuccessor: (token, predecessor) =>
      db.transaction().execute(async transaction => {
        // The first statement checks as it writes: a revocation of the predecessor comes before it, or revokes the successor too.
        const before = await transaction
          .updateTable('token')
          .set({ ends_at_ms: predecessor.endsAtMs })
          .where('id', '=', predecessor.id)
          .where('subject', '=', token.subject)
          .where('revoked_at_ms', 'is', null)
          .where(({ exists, selectFrom }) => exists(selectFrom('token_family as kin').select('id').where(isInForce)))
          .returning(['family', 'generation'])
          .executeTakeFirst()
        if (!before) return false
        const { family, generation } = before
        await transaction
          .insertInto('token')
          .values({ ...rowOf(token), family, generation: (generation ?? 0) + 1 })
          .execute()
        await transaction
          .updateTable('token_family')
          .set({ expires_at_ms: sql<number>`max(expires_at_ms, ${token.expiresAtMs})` })
          .where('id', '=', family)
          .execute()
        return true
      }),

    async useToken(tokenId, { id, generation }) {
      const { numUpdatedRows } = await db
        .updateTable('token_family')
        .set({ used_generation: generation, used_token: tokenId })
        .where('id', '=', id)
        .where('revoked_at_ms', 'is', null)
        .where('used_generation', '<', generation)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    async revokeFamily(id) {
      await db
        .updateTable('token_family')
        .set({ revoked_at_ms: now() })
        .where('id', '=', id)
        .where('revoked_at_ms', 'is', null)
        .execute()
    },

    async prune(nowMs, atMost) {
      const { numDeletedRows } = await db
        .deleteFrom('token_family')
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('token_family')
            .select('id')
            .where('expires_at_ms', '<', nowMs)
            .orderBy('expires_at_ms')
            .limit(atMost),
        )
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows) === atMost
    },
  }
}
