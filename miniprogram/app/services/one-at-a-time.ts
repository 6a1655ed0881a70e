/**
 * Runs `act` one at a time. Whoever asks while one is under way gets the one after it, which all who asked meanwhile share: so that the
 * answer is never older than the question. `act` must not reject.
 */
export function createOneAtATime<T>(act: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  let next: Promise<T> | undefined

  function run(): Promise<T> {
    next = undefined
    const mine = act().then(answer => {
      if (underWay === mine) underWay = undefined
      return answer
    })
    underWay = mine
    return mine
  }

  return () => {
    if (!underWay) return run()
    next ??= underWay.then(run)
    return next
  }
}
