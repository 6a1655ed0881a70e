import { ownMs } from './own-ms.ts'

const everyMs = 1

/** Watches how long the event loop of this thread is held up. */
export interface WatchedTurns extends Disposable {
  /** The longest turn since this was asked last, in milliseconds. */
  longestMs(): number
}

/**
 * Watches this thread from now on. A turn is the thread's own time between two timers that are due every millisecond: waiting for a lock or a disk
 * counts, a busy machine does not.
 */
export function watchTurns(): WatchedTurns {
  let longestMs = 0
  let lastMs = ownMs()
  const look = () => {
    const nowMs = ownMs()
    longestMs = Math.max(longestMs, nowMs - lastMs - everyMs)
    lastMs = nowMs
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
