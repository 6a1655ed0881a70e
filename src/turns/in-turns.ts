/** For so long something is done without a pause; then messages go on. */
export const turnMs = 5

/** Resolves when the event loop has gone round. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/**
 * Does `act` to each item, in order: as many now as five milliseconds from `startedAtMs` on are enough for, the rest in turns as long, with pauses as
 * long between them. Rejects with what `act` throws.
 */
export async function inTurns<T>(
  items: Iterable<T>,
  act: (item: T) => void | Promise<void>,
  startedAtMs = performance.now(),
): Promise<void> {
  let endsAtMs = startedAtMs + turnMs
  for (const item of items) {
    if (performance.now() > endsAtMs) {
      await new Promise(resolve => setTimeout(resolve, turnMs))
      endsAtMs = performance.now() + turnMs
    }
    const done = act(item)
    if (done) await done
  }
}
