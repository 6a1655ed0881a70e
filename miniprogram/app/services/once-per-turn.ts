/** Calls `act` once, soon, however often it is asked to before. */
export function createOncePerTurn(act: () => void): () => void {
  let isComing = false
  return () => {
    if (isComing) return
    isComing = true
    setTimeout(() => {
      isComing = false
      act()
    }, 0)
  }
}
