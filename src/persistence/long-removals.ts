import type { createStoredSubscriptions } from './stored-subscriptions.ts'
import type { Transactions } from './transactions.ts'

/** Removes the subscriptions of deleted sessions, thousands of them over many turns of the event loop, one session after the other. */
export interface LongRemovals {
  /** Begins to remove, within the caller's transaction. */
  leave(clientId: string): void
  /** Removes what is left now, because another session with this id begins. Within the caller's transaction. */
  arrive(clientId: string): void
  /** Stops; what is left is removed at the next start. */
  stop(): void
}

type Subscriptions = Pick<ReturnType<typeof createStoredSubscriptions>, 'cleanSome' | 'clean'>

/** `onFault` is told why some could not be removed; they are left for the next start. */
export function createLongRemovals(
  transactions: Transactions,
  subscriptions: Subscriptions,
  onFault: (cause: unknown) => void,
): LongRemovals {
  const leaving = new Set<string>()
  /** Those of them that the current transaction has added. */
  const added = new Set<string>()
  let next: NodeJS.Immediate | undefined

  transactions.onUndone(() => {
    for (const clientId of added) leaving.delete(clientId)
    added.clear()
  })

  function plan(): void {
    next ??= setImmediate(() => {
      next = undefined
      goOn()
    })
  }

  function goOn(): void {
    const [clientId] = leaving
    if (clientId === undefined) return
    try {
      if (!transactions.run(() => subscriptions.cleanSome(clientId))) leaving.delete(clientId)
    } catch (cause) {
      leaving.delete(clientId)
      onFault(cause)
    }
    plan()
  }

  return {
    leave(clientId) {
      if (!subscriptions.cleanSome(clientId)) return
      leaving.add(clientId)
      added.add(clientId)
      transactions.afterCommit(() => {
        added.delete(clientId)
        plan()
      })
    },
    arrive(clientId) {
      if (leaving.delete(clientId)) subscriptions.clean(clientId)
    },
    stop() {
      leaving.clear()
      clearImmediate(next)
    },
  }
}
