import { DatabaseBusy } from '../../domain/database-busy.ts'
import { isBusy } from '../../sqlite/open-sqlite.ts'

/** A user of the connection: one for each transaction or statement. */
type User = object

/** Lets users take turns on one connection, and waits for locks of other processes without holding up the event loop. */
export interface LockLine {
  /**
   * Runs `work` now, if nobody or its own user has a transaction. Work that meets a lock of another process is retried after growing pauses; writes
   * keep their order. Rejects with {@link DatabaseBusy} when it takes too long.
   */
  run<T>(user: User, work: () => T, writes: boolean): Promise<T>
  /** Like {@link run}, for the beginning of a transaction, which keeps all others waiting until {@link end}. */
  begin(user: User, work: () => void): Promise<void>
  /** Ends the user's transaction, if it has one. */
  end(user: User): void
  /** Rejects everything that waits. */
  close(): void
}

export interface LockLineOptions {
  /** The file's name in errors. */
  readonly file: string
  /** How long to wait for a lock; asked whenever one is met. */
  readonly patienceMs: () => number
  /** Called once when a lock has lasted for a second. */
  readonly onLocked?: () => void
  /** Called after {@link onLocked} when something could be written again. */
  readonly onFree?: (lockedMs: number) => void
}

interface Waiting {
  readonly sinceMs: number
  /** False when a lock of another process is in the way. */
  readonly attempt: () => boolean
  readonly reject: (cause: unknown) => void
}

const firstPauseMs = 5
const longestPauseMs = 100
const announceAfterMs = 1000
/** How long waiting work runs without a pause for messages. */
const turnMs = 5

export function createLockLine({ file, patienceMs, onLocked, onFree }: LockLineOptions): LockLine {
  const reads = new Set<Waiting>()
  const writes = new Set<Waiting>()
  let holder: User | undefined
  let lock: { readonly sinceMs: number; seenMs: number; announced: boolean } | undefined
  let pauseMs = 0
  let pausing: NodeJS.Timeout | undefined
  let serving = false

  function written(): void {
    if (!lock) return
    if (lock.announced) onFree?.(lock.seenMs - lock.sinceMs)
    lock = undefined
    pauseMs = 0
  }

  function locked(): void {
    const nowMs = performance.now()
    lock ??= { sinceMs: nowMs, seenMs: nowMs, announced: false }
    lock.seenMs = nowMs
    if (!lock.announced && nowMs - lock.sinceMs >= announceAfterMs) {
      lock.announced = true
      onLocked?.()
    }
    for (const queue of [reads, writes]) {
      for (const waiting of queue) {
        const waitedMs = nowMs - waiting.sinceMs
        if (waitedMs < patienceMs()) break
        queue.delete(waiting)
        waiting.reject(new DatabaseBusy(file, waitedMs))
      }
    }
    if (reads.size + writes.size === 0 || pausing) return
    pauseMs = Math.min(Math.max(firstPauseMs, pauseMs * 2), longestPauseMs)
    pausing = setTimeout(() => {
      pausing = undefined
      serve()
    }, pauseMs)
  }

  /** Runs what waits, reads first, since another process that writes does not block them. */
  function serve(): void {
    const untilMs = performance.now() + turnMs
    for (const queue of [reads, writes]) {
      for (const waiting of queue) {
        if (holder) return
        if (performance.now() > untilMs) {
          serveSoon(setImmediate)
          return
        }
        if (!waiting.attempt()) {
          locked()
          break
        }
        queue.delete(waiting)
        if (queue === writes) written()
      }
    }
  }

  function serveSoon(schedule: (act: () => void) => unknown): void {
    if (serving || reads.size + writes.size === 0) return
    serving = true
    schedule(() => {
      serving = false
      serve()
    })
  }

  function join(waiting: Waiting, isWrite: boolean): void {
    const queue = isWrite ? writes : reads
    if (holder || queue.size > 0) queue.add(waiting)
    else if (!waiting.attempt()) {
      queue.add(waiting)
      locked()
    } else if (isWrite) written()
  }

  const enter = <T>(user: User, work: () => T, isWrite: boolean, begins = false): Promise<T> =>
    new Promise((resolve, reject) => {
      const attempt = () => {
        try {
          const value = work()
          if (begins) holder = user
          resolve(value)
        } catch (cause) {
          if (isBusy(cause)) return false
          reject(cause)
        }
        return true
      }
      if (holder !== user) join({ sinceMs: performance.now(), attempt, reject }, isWrite)
      else if (!attempt()) reject(new DatabaseBusy(file, 0))
    })

  return {
    run: enter,
    begin: (user, work) => enter(user, work, true, true),
    end(user) {
      if (holder !== user) return
      holder = undefined
      serveSoon(queueMicrotask) // not now, so that the transaction's owner is told first
    },
    close() {
      clearTimeout(pausing)
      for (const waiting of [...reads, ...writes]) waiting.reject(new Error(`${file} is closed`))
      reads.clear()
      writes.clear()
    },
  }
}
