/** What all clients together may cost one turn of the event loop besides their packets: some messages are much more work than others. */
export interface TurnWork {
  /** Notes work that was done in this turn. */
  done(amount: number): void
  /** True when clients that cause such work must wait for a later turn. */
  readonly isSpent: boolean
  /** Calls `goOn` in a later turn that has room, in the order of asking; once, however often it is asked. */
  later(goOn: () => void): void
}

/** After this many values of reports a turn takes no other report: together with one that has begun, that is about five milliseconds. */
const maxPerTurn = 500

/** `nextTurn` calls a function in the next turn of the event loop. */
export function createTurnWork(nextTurn: (act: () => void) => void = setImmediate): TurnWork {
  const waiting = new Set<() => void>()
  let spent = 0
  let isArmed = false
  let isDraining = false

  function arm(): void {
    if (isArmed) return
    isArmed = true
    nextTurn(() => {
      isArmed = false
      spent = 0
      isDraining = true
      try {
        for (const goOn of [...waiting]) {
          if (spent >= maxPerTurn) break
          waiting.delete(goOn)
          goOn()
        }
      } finally {
        isDraining = false
        if (waiting.size > 0 || spent > 0) arm()
      }
    })
  }

  return {
    done(amount) {
      spent += amount
      arm()
    },
    get isSpent() {
      return spent >= maxPerTurn || (waiting.size > 0 && !isDraining)
    },
    later(goOn) {
      waiting.add(goOn)
      arm()
    },
  }
}
