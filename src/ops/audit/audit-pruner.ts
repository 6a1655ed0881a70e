import type { AuditStore } from '../../domain/audit.ts'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import { type Pruning, startPruning } from '../../turns/start-pruning.ts'

interface Options {
  readonly store: Pick<AuditStore, 'prune'>
  readonly retentionDays: number
  readonly maxEntries: number
  readonly events: Events
  readonly now: Clock
}

const dayMs = 24 * 3600 * 1000
const firstPassAfterMs = 20_000

/** Keeps the audit trail within its bounds. */
export const startAuditPruner = ({ store, retentionDays, maxEntries, events, now }: Options): Pruning =>
  startPruning({
    prune: atMost => store.prune({ beforeMs: now() - retentionDays * dayMs, maxRows: maxEntries }, atMost),
    onFault: cause => void events.emit('fault', { where: 'pruning the audit trail', cause }),
    firstPassAfterMs,
  })
