import type { Database } from '../sqlite/sqlite.ts'
import type { GroupCommit } from './group-commit.ts'

const reservedAtOnce = 1_000_000

/**
 * The numbers of queued messages: each is higher than all before it, also those of earlier processes. They are reserved in the file many at a
 * time, so that a number costs no write.
 */
export function createQueueNumbers(sqlite: Database, commit: Pick<GroupCommit, 'onUndone'>) {
  const reserve = sqlite.prepare<[number]>('update queue_numbers set reserved = ?')
  let last = Number(sqlite.prepare('select reserved from queue_numbers').pluck().get())
  let reserved = last
  commit.onUndone(() => {
    reserved = last // perhaps it was undone: reserved again with the next number
  })

  return {
    last: () => last,
    /** To be called within a write of the turn. */
    next(): number {
      if (last >= reserved) {
        reserved = last + reservedAtOnce
        reserve.run(reserved)
      }
      return ++last
    },
  }
}
