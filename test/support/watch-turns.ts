import { readFileSync } from 'node:fs'

const everyMs = 1

/** Watches how long the event loop of this thread is held up. */
export interface WatchedTurns extends Disposable {
  /** The longest turn since this was asked last, in milliseconds. */
  longestMs(): number
}

/**
 * Watches this thread from now on. A turn is the time between two timers that are due every millisecond, less the time in which the thread could
 * have run and the system ran others (Linux tells; elsewhere nothing is taken off): waiting for a lock or a disk counts, a busy machine does not.
 */
export function watchTurns(): WatchedTurns {
  let longestMs = 0
  let last = { atMs: performance.now(), waitedMs: waitedMs() }
  const look = () => {
    const now = { atMs: performance.now(), waitedMs: waitedMs() }
    longestMs = Math.max(longestMs, now.atMs - last.atMs - everyMs - (now.waitedMs - last.waitedMs))
    last = now
    timer.refresh()
  }
  const timer = setTimeout(look, everyMs)
  return {
    longestMs() {
      look()
      const found = longestMs
      longestMs = 0
      return found
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

/** How long this thread was ready to run and did not, since it began. */
function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
