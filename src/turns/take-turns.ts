/** Runs functions in later turns of the event loop, in order and a bounded number in each, so that many at once make no long turn. */
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
