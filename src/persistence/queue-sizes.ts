import type { Database } from '../sqlite/sqlite.ts'
import type { Transactions } from './transactions.ts'

export interface QueueSize {
  readonly messages: number
  readonly bytes: number
}

/** How much each queue holds: counted in the file at the first question, and in memory from then on. */
export function createQueueSizes(sqlite: Database, { onUndone }: Pick<Transactions, 'onUndone'>) {
  const count = sqlite.prepare<[string], QueueSize>(
    'select count(*) as messages, coalesce(sum(size), 0) as bytes from queue where client = ?',
  )
  const known = new Map<string, { messages: number; bytes: number }>()
  onUndone(() => known.clear())

  return {
    of: (clientId: string): QueueSize => known.get(clientId) ?? count.get(clientId) ?? { messages: 0, bytes: 0 },
    /** To be called when a row of this many bytes was added. */
    grow(clientId: string, bytes: number): void {
      const size = known.get(clientId)
      if (size) {
        size.messages++
        size.bytes += bytes
      } else known.set(clientId, { ...(count.get(clientId) ?? { messages: 0, bytes: 0 }) })
    },
    /** To be called when a row of this many bytes was removed. */
    shrink(clientId: string, bytes: number): void {
      const size = known.get(clientId)
      if (!size) return
      size.messages--
      size.bytes -= bytes
      if (size.messages === 0) known.delete(clientId)
    },
    forget: (clientId: string) => void known.delete(clientId),
  }
}
