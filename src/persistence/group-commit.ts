import type { Database } from '../sqlite/sqlite.ts'

/** Gathers what is written within one turn of the event loop into one transaction, committed at the end of that turn. */
export interface GroupCommit {
  /** Does `work` now. Throws what it throws; a fault of SQLite undoes all of the turn. */
  write<T>(work: () => T): T
  /** Calls `act` when what this turn wrote is committed, or `undone` when it is undone. At once when it wrote nothing. */
  afterCommit(act: () => void, undone?: () => void): void
  /** Calls `listener` whenever a turn was undone. */
  onUndone(listener: () => void): void
  /** Resolves when everything written so far is committed; rejects when the turn is undone. */
  committed(): Promise<void>
  /** Counts turns that were undone. */
  readonly undone: number
  /** Why the last turn was undone; undefined when it was not. */
  readonly fault: unknown
  /** Commits now. Never throws: who waits for {@link committed} hears of it. */
  flush(): void
}

interface Turn {
  readonly end: PromiseWithResolvers<void>
  readonly acts: { readonly act: () => void; readonly undone: (() => void) | undefined }[]
}

export interface GroupCommitOptions {
  /** Calls back at the end of the turn; `setImmediate` when not given. */
  readonly schedule?: (flush: () => void) => void
  /** Told how long each commit took. */
  readonly onCommit?: ((durationMs: number) => void) | undefined
  /** Told what an act after a commit, or after an undoing, has thrown: it is its own fault, and nobody else's. Thrown again, by itself, when not given. */
  readonly onFault?: ((cause: unknown) => void) | undefined
}

const throwLater = (cause: unknown): void =>
  queueMicrotask(() => {
    throw cause
  })

export function createGroupCommit(
  sqlite: Database,
  { schedule = setImmediate, onCommit, onFault = throwLater }: GroupCommitOptions = {},
): GroupCommit {
  const begin = sqlite.prepare('begin immediate')
  const commit = sqlite.prepare('commit')
  const rollback = sqlite.prepare('rollback')
  const undoneListeners: (() => void)[] = []
  let turn: Turn | undefined
  /** Acts of a turn that has ended, while they are done: what comes meanwhile comes behind them. */
  let doing: Turn['acts'] | undefined
  let undone = 0
  let fault: unknown

  function open(): Turn {
    if (turn) return turn
    try {
      begin.run()
    } catch (cause) {
      undone++
      fault = cause
      throw cause
    }
    turn = { end: withResolvers(), acts: [] }
    schedule(flush)
    return turn
  }

  /** What one throws takes nothing from the others. */
  function doOne(act: (() => unknown) | undefined): void {
    try {
      act?.()
    } catch (cause) {
      onFault(cause)
    }
  }

  function undo(ending: Turn, cause: unknown): void {
    turn = undefined
    undone++
    fault = cause
    if (sqlite.inTransaction) doOne(() => rollback.run()) // a full disk has ended it already
    for (const listener of undoneListeners) doOne(listener)
    for (const one of ending.acts) doOne(one.undone)
    ending.end.reject(cause)
  }

  function flush(): void {
    const ending = turn
    if (!ending) return
    const startedAtMs = performance.now()
    try {
      commit.run()
    } catch (cause) {
      undo(ending, cause)
      return
    }
    turn = undefined
    fault = undefined
    onCommit?.(performance.now() - startedAtMs)
    doing = ending.acts
    for (const { act } of doing) doOne(act) // those that are added meanwhile too
    doing = undefined
    ending.end.resolve()
  }

  return {
    write(work) {
      const current = open()
      try {
        return work()
      } catch (cause) {
        if (turn === current) undo(current, cause) // else a write within has undone it
        throw cause
      }
    },
    afterCommit(act, otherwise) {
      if (turn) turn.acts.push({ act, undone: otherwise })
      else if (doing) doing.push({ act, undone: otherwise })
      else act()
    },
    onUndone: listener => void undoneListeners.push(listener),
    committed: () => turn?.end.promise ?? Promise.resolve(),
    get undone() {
      return undone
    },
    get fault() {
      return fault
    },
    flush,
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (cause: unknown) => void
}

/** `Promise.withResolvers` (ES2024), which Node 20 lacks. A rejection that nobody waits for is no fault. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (cause: unknown) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
