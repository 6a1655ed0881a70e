/** Calls `act` once, soon, however often it is requested before that. */
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
