import type { Database } from '../sqlite/sqlite.ts'

/**
 * The numbers of queued messages, separate for each queue. A number is higher than all that its queue was given before in this process, and than those that
 * earlier processes have left in it. An undone write leaves a gap.
 */
export function createQueueNumbers(sqlite: Database) {
  const highest = sqlite.prepare<[string], number | null>('select max(seq) from queue where client = ?').pluck()
  const known = new Map<string, number>()

  const last = (clientId: string): number => known.get(clientId) ?? highest.get(clientId) ?? 0

  return {
    last,
    next(clientId: string): number {
      const seq = last(clientId) + 1
      known.set(clientId, seq)
      return seq
    },
    forget: (clientId: string) => void known.delete(clientId),
  }
}
