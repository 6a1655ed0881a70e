import type { NewTokenRecord } from '../../domain/account.ts'
import type { Tables } from '../tables.ts'

/** A token without a family. */
export const rowOf = (token: NewTokenRecord): Tables['token'] => ({
  id: token.id,
  subject: token.subject,
  role: token.role,
  issued_at_ms: token.issuedAtMs,
  expires_at_ms: token.expiresAtMs,
  revoked_at_ms: null,
  acl_hash: token.aclHash ?? null,
  family: null,
  generation: null,
  ends_at_ms: null,
})
