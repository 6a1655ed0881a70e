type Listener = (event: unknown) => void

/** Things that happen to a phone, by name, and their listeners. */
export interface Signals {
  on(name: string, listener: Listener): void
  /** Without a listener: all listeners of that name. */
  off(name: string, listener?: Listener): void
  emit(name: string, event?: unknown): void
}

export function createSignals(): Signals {
  const listeners = new Map<string, Set<Listener>>()
  const of = (name: string) => {
    const found = listeners.get(name) ?? new Set()
    listeners.set(name, found)
    return found
  }
  return {
    on: (name, listener) => void of(name).add(listener),
    off: (name, listener) => void (listener ? of(name).delete(listener) : of(name).clear()),
    emit: (name, event = {}) => {
      for (const listener of [...of(name)]) listener(event)
    },
  }
}
