import type { createStoredSubscriptions } from './stored-subscriptions.ts'
import type { Transactions } from './transactions.ts'

/** Removes what sessions have subscribed that are no more: by the thousand, some in each turn of the event loop, of one session after the other. */
export interface LongRemovals {
  /** Begins to remove, within the transaction of the caller. */
  leave(clientId: string): void
  /** Removes what is left of that now: another session comes by this id. Within the transaction of the caller. */
  arrive(clientId: string): void
  /** Stops; what is left is removed at the next start. */
  stop(): void
}

type Subscriptions = Pick<ReturnType<typeof createStoredSubscriptions>, 'cleanSome' | 'clean'>

/** `onFault` is told why some could not be removed: they are left for the next start. */
export function createLongRemovals(
  transactions: Transactions,
  subscriptions: Subscriptions,
  onFault: (cause: unknown) => void,
): LongRemovals {
  const leaving = new Set<string>()
  /** Of them, those that the transaction under way has added. */
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
