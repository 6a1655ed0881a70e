/** The listeners of something. */
export interface Listeners<Told extends readonly unknown[]> {
  /** Returns a function that ends it. */
  add(listener: (...told: Told) => void): () => void
  tell(...told: Told): void
}

/** A listener that throws harms neither the others nor the caller: its error goes to the platform like any uncaught error. */
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
