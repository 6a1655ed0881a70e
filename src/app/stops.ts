/** What must be stopped at the end, in reverse. */
export interface Stops {
  /** Closes `part` after everything that is added later. */
  keep<P extends { close(): unknown }>(part: P): P
  add(...stops: readonly (() => unknown)[]): void
  /** Stops everything. Later calls wait for the first. */
  stopAll(): Promise<void>
}

export function createStops(): Stops {
  const stops: (() => unknown)[] = []
  let stopping: Promise<void> | undefined
  async function stopInReverse(): Promise<void> {
    for (const stop of stops.splice(0).reverse()) await stop()
  }
  return {
    keep(part) {
      stops.push(() => part.close())
      return part
    },
    add: (...more) => void stops.push(...more),
    stopAll: () => (stopping ??= stopInReverse()),
  }
}
