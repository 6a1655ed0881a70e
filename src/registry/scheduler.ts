/** Timers, so that tests can turn them by hand. */
export interface Scheduler {
  /** Runs after the I/O that is ready now. */
  soon(run: () => void): void
  /** Runs once, `delayMs` from now; the returned function cancels it. Never keeps the process alive. */
  after(delayMs: number, run: () => void): () => void
}

/** The event loop's own. */
export const systemScheduler: Scheduler = {
  soon: run => void setImmediate(run),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
