import type { Database } from '../sqlite/sqlite.ts'

/** Transactions of one connection to a database: one at a time, each of them done at once. */
export interface Transactions {
  /** Does `work` and commits it. Throws what `work` throws, or why it cannot be committed: then nothing of it is done. */
  run<T>(work: () => T): T
  /** Calls `act` when the current transaction is committed; never when it is not. */
  afterCommit(act: () => void): void
  /** Calls `listener` whenever a transaction is undone. */
  onUndone(listener: () => void): void
}

/** `onCommit` is told how long each commit took. */
export function createTransactions(sqlite: Database, onCommit?: (durationMs: number) => void): Transactions {
  const begin = sqlite.prepare('begin immediate')
  const commit = sqlite.prepare('commit')
  const rollback = sqlite.prepare('rollback')
  const undoneListeners: (() => void)[] = []
  let acts: (() => void)[] = []

  function commitNow(): void {
    const startedAtMs = performance.now()
    commit.run()
    onCommit?.(performance.now() - startedAtMs)
  }

  function undo(): void {
    acts = []
    for (const listener of undoneListeners) listener()
    if (sqlite.inTransaction) rollback.run() // a full disk may have ended the transaction already
  }

  function attempt<T>(work: () => T): T {
    try {
      begin.run()
      const result = work()
      commitNow()
      return result
    } catch (cause) {
      undo()
      throw cause
    }
  }

  return {
    run(work) {
      const result = attempt(work)
      const due = acts
      acts = []
      for (const act of due) act()
      return result
    },
    afterCommit: act => void acts.push(act),
    onUndone: listener => void undoneListeners.push(listener),
  }
}
