import type { AuditStore } from '../domain/audit.ts'
import type { Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'

interface Options {
  readonly store: Pick<AuditStore, 'prune'>
  readonly retentionDays: number
  readonly maxEntries: number
  readonly events: Events
  readonly now: Clock
}

const dayMs = 24 * 3600 * 1000
const passEveryMs = 3600 * 1000
const firstPassAfterMs = 20_000
/** Between two deletions messages go on. */
const pauseMs = 200
const entriesPerStep = 500

/** Keeps the audit trail within its bounds: every hour, a small deletion at a time. A fault of the store is announced as 'fault'. */
export function startAuditPruner({ store, retentionDays, maxEntries, events, now }: Options): {
  stop(): Promise<void>
} {
  let timer: NodeJS.Timeout
  let step: Promise<void> = Promise.resolve()
  const stepAfter = (delayMs: number) => {
    timer = setTimeout(() => {
      step = prune()
    }, delayMs).unref()
  }
  let stopped = false
  async function prune(): Promise<void> {
    let more = false
    try {
      more = await store.prune({ beforeMs: now() - retentionDays * dayMs, maxRows: maxEntries }, entriesPerStep)
    } catch (cause) {
      events.emit('fault', { where: 'pruning the audit trail', cause })
    }
    if (!stopped) stepAfter(more ? pauseMs : passEveryMs)
  }
  stepAfter(firstPassAfterMs)
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await step
    },
  }
}
