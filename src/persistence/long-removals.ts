import type { GroupCommit } from './group-commit.ts'

/** Removes rows by the thousand: some in each turn of the event loop, of one client after the other. */
export interface LongRemovals {
  /** Repeats `removeSome` until it says that there is no more; resolves when that is kept, and with false when it was ended before. */
  run(clientId: string, removeSome: () => boolean): Promise<boolean>
  /** Ends what is under way for a client. False when nothing is. */
  end(clientId: string): boolean
}

export function createLongRemovals(commit: GroupCommit): LongRemovals {
  const underWay = new Map<string, object>()
  let before: Promise<unknown> = Promise.resolve()

  /** In a turn of its own. */
  function inTurn<T>(work: () => T): Promise<T> {
    const done = before.then(async () => {
      const result = commit.write(work)
      await commit.committed()
      return result
    })
    before = done.catch(() => {}) // who asked hears of it
    return done
  }

  return {
    async run(clientId, removeSome) {
      const mine = {}
      underWay.set(clientId, mine)
      const isMine = () => underWay.get(clientId) === mine
      try {
        while (await inTurn(() => isMine() && removeSome()));
        return isMine()
      } finally {
        if (isMine()) underWay.delete(clientId)
      }
    },
    end: clientId => underWay.delete(clientId),
  }
}
