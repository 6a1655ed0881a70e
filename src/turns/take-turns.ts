/** Has what it is given done in later turns of the event loop, in order, so many in each: what many ask for at one moment is no long turn. */
export function createTakeTurns(maxPerTurn: number): (act: () => void) => void {
  let waiting: (() => void)[] = []
  let isArmed = false

  function turn(): void {
    const now = waiting.slice(0, maxPerTurn)
    waiting = waiting.slice(maxPerTurn)
    isArmed = waiting.length > 0
    if (isArmed) setImmediate(turn)
    for (const act of now) act()
  }

  return act => {
    waiting.push(act)
    if (isArmed) return
    isArmed = true
    setImmediate(turn)
  }
}
