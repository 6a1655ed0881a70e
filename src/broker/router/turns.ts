/** Does long work in short turns of the event loop, so that nobody waits for it. */
export interface Turns {
  /** `work` does a little and says whether there is more to do now. It is called again, among all other work, until there is not. */
  run(work: () => boolean): void
}

/** How much of one turn all work together may take. */
const budgetMs = 4

/** `schedule` calls back in the next turn. */
export function createTurns(schedule: (next: () => void) => void = setImmediate): Turns {
  let waiting: (() => boolean)[] = []
  let isScheduled = false

  function turn(): void {
    isScheduled = false
    const endsAtMs = performance.now() + budgetMs
    while (waiting.length > 0) {
      const round = waiting
      waiting = []
      let done = 0
      try {
        for (const work of round) {
          if (performance.now() >= endsAtMs) return
          done++
          if (work()) waiting.push(work)
        }
      } finally {
        // Work that throws does not affect other work.
        waiting = [...round.slice(done), ...waiting]
        if (waiting.length > 0) plan()
      }
    }
  }

  function plan(): void {
    if (isScheduled) return
    isScheduled = true
    schedule(turn)
  }

  return {
    run(work) {
      waiting.push(work)
      plan()
    },
  }
}
