import * as z from 'zod/mini'
import { Database } from '../../sqlite/sqlite.ts'

const rowsSchema = z.array(z.object({ service: z.string(), tokenId: z.string(), expiresAtMs: z.number() }))

/** The tokens of services in a database file that expire between two moments and are neither revoked nor rotated, at most a hundred. Opens the file read-only. */
export function endingTokens(file: string, afterMs: number, beforeMs: number): z.infer<typeof rowsSchema> {
  const sqlite = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 })
  try {
    const columns: unknown[] = sqlite.prepare("select name from pragma_table_info('token')").pluck().all()
    if (columns.length === 0) return []
    const isKept = columns.includes('ends_at_ms') ? 'and ends_at_ms is null' : '' // an earlier version has no rotation
    const found = sqlite.prepare(`
      select subject as service, id as tokenId, expires_at_ms as expiresAtMs from token
      where role = 'service' and expires_at_ms > ? and expires_at_ms < ? and revoked_at_ms is null ${isKept}
      order by expires_at_ms limit 100`)
    return rowsSchema.parse(found.all(afterMs, beforeMs))
  } finally {
    sqlite.close()
  }
}
