import { type AuditStore, auditRow } from '../../domain/audit.ts'
import type { Handlers } from '../../domain/request.ts'
import type { AuditWriter } from './audit-writer.ts'

/** Shows operators the audit trail, including what happened a moment ago. */
export function createAuditOperation({
  store,
  writer,
}: {
  readonly store: Pick<AuditStore, 'query'>
  readonly writer: Pick<AuditWriter, 'written'>
}): Handlers<'ops/audit'> {
  return {
    async 'ops/audit'({ since, until, who, kind, before, limit }) {
      await writer.written()
      const query = { sinceMs: since, untilMs: until, who, kind, beforeId: before, limit: limit + 1 }
      const found = (await store.query(query)).map(auditRow)
      const entries = found.slice(0, limit)
      return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null }
    },
  }
}
