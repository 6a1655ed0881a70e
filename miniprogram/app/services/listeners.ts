/** Who wants to be told of something. */
export interface Listeners<Told extends readonly unknown[]> {
  /** Gives back what ends it. */
  add(listener: (...told: Told) => void): () => void
  tell(...told: Told): void
}

/** A listener that throws harms neither the others nor who tells: its error goes to the platform, as any other that nobody caught. */
export function createListeners<Told extends readonly unknown[]>(): Listeners<Told> {
  const listeners = new Set<(...told: Told) => void>()
  return {
    add(listener) {
      const own = (...told: Told) => listener(...told) // the same function added twice is told twice
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    tell(...told) {
      for (const listener of [...listeners]) {
        try {
          listener(...told)
        } catch (cause) {
          setTimeout(() => {
            throw cause
          }, 0)
        }
      }
    },
  }
}
