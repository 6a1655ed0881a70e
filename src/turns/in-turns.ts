/** How long work goes on without a pause for messages. */
export const turnMs = 5

/** Resolves in the next turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/**
 * Calls `act` for each item, in order: for five milliseconds from `startedAtMs` on, then in turns of the same length with pauses of the same length
 * between them. Rejects with what `act` throws.
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
