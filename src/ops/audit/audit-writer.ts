import type { AuditStore, NewAuditEntry } from '../../domain/audit.ts'
import type { Events } from '../../domain/events.ts'

/** Takes entries at once and writes them a little later, in batches. */
export interface AuditWriter {
  /** Never throws and never waits. */
  add(entry: PendingEntry): void
  /** Resolves when everything so far is written, or when it cannot be written now. */
  written(): Promise<void>
  /** Writes for the last time: failures are not retried. */
  close(): Promise<void>
}

/** An entry, or one whose target must still be looked up. */
export type PendingEntry = NewAuditEntry | (() => Promise<NewAuditEntry>)

interface Options {
  readonly store: Pick<AuditStore, 'append'>
  readonly events: Events
}

const gatherMs = 50
const againMs = 1000
/** Entries that wait while the database cannot be written. Beyond it new ones are lost, which is announced as a fault. */
const maxWaiting = 20_000
/** Further room for entries of operators, so that nothing others do displaces them. */
const reserved = 5_000
const maxAtOnce = 1000

/** A failure to write is announced as 'fault', once until something is written again, and retried a second later. */
export function createAuditWriter({ store, events }: Options): AuditWriter {
  let waiting: PendingEntry[] = []
  let lost = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let closed = false

  let failing = false
  const failed = (cause: unknown) => void events.emit('fault', { where: 'writing the audit trail', cause })

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxAtOnce)
      const entries: NewAuditEntry[] = []
      for (const entry of batch) entries.push(typeof entry === 'function' ? await entry() : entry)
      await store.append(entries)
      waiting = waiting.slice(batch.length)
    }
    failing = false
    if (lost > 0) failed(new Error(`${lost} entries are lost`))
    lost = 0
  }

  function writeNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing ??= write()
      .catch((cause: unknown) => {
        if (!failing || closed) failed(cause)
        failing = true
        if (!closed) writeAfter(againMs)
      })
      .finally(() => {
        writing = undefined
      })
    return writing
  }

  function writeAfter(delayMs: number): void {
    timer ??= setTimeout(() => void writeNow(), delayMs).unref()
  }

  return {
    add(entry) {
      const isOperators = typeof entry !== 'function' && entry.actor.kind === 'operator'
      if (waiting.length >= maxWaiting + (isOperators ? reserved : 0)) {
        lost++
        return
      }
      waiting.push(entry)
      if (!writing) writeAfter(gatherMs)
    },
    written: () => (waiting.length > 0 ? writeNow() : Promise.resolve()),
    async close() {
      await writing
      closed = true
      if (waiting.length > 0) await writeNow()
    },
  }
}
