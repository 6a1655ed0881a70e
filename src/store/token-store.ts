import type { Kysely } from 'kysely'
import * as z from 'zod/mini'
import type { AccountStore } from '../domain/account.ts'
import type { Clock } from '../domain/request.ts'
import { tokenRoles } from '../protocol/claims.ts'
import type { Tables } from './tables.ts'

type TokenStore = Pick<AccountStore, 'recordToken' | 'tokenById' | 'revokeToken' | 'revokeTokensOf' | 'pruneTokens'>

const tokenRoleSchema = z.enum(tokenRoles)

/** The part of {@link AccountStore} that keeps every issued token on record. */
export function createTokenStore(db: Kysely<Tables>, now: Clock): TokenStore {
  const revoke = () => db.updateTable('token').set({ revoked_at_ms: now() }).where('revoked_at_ms', 'is', null)
  return {
    async recordToken({ id, subject, role, issuedAtMs, expiresAtMs }) {
      await db
        .insertInto('token')
        .values({ id, subject, role, issued_at_ms: issuedAtMs, expires_at_ms: expiresAtMs, revoked_at_ms: null })
        .execute()
    },

    async tokenById(id) {
      const row = await db
        .selectFrom('token')
        .select(['id', 'subject', 'role', 'issued_at_ms', 'expires_at_ms', 'revoked_at_ms'])
        .where('id', '=', id)
        .executeTakeFirst()
      return (
        row && {
          id: row.id,
          subject: row.subject,
          role: tokenRoleSchema.parse(row.role),
          issuedAtMs: row.issued_at_ms,
          expiresAtMs: row.expires_at_ms,
          revoked: row.revoked_at_ms !== null,
        }
      )
    },

    async revokeToken(id) {
      await revoke().where('id', '=', id).execute()
    },

    async revokeTokensOf(subject, exceptTokenId) {
      const all = revoke().where('subject', '=', subject)
      await (exceptTokenId === undefined ? all : all.where('id', '!=', exceptTokenId)).execute()
    },

    async pruneTokens(nowMs) {
      await db.deleteFrom('token').where('expires_at_ms', '<', nowMs).execute()
    },
  }
}
