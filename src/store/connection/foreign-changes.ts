/** Tells when another connection, in this process or another, committed to the database. */
export interface ForeignChanges {
  /** Looks from now on. The first look also tells of commits since the database was opened. */
  onChange(listener: () => void): void
  stop(): void
}

/**
 * Reads `PRAGMA data_version`, and every `intervalMs` once somebody listens. On the connection that writes it changes with other connections' commits
 * only. The timer does not keep the process alive.
 */
export function createForeignChanges(dataVersion: () => unknown, intervalMs: number): ForeignChanges {
  const listeners = new Set<() => void>()
  let seen = dataVersion()
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    let version: unknown
    try {
      version = dataVersion()
    } catch {
      return // It cannot be read now. The next look catches up, and `Store.check` reports it.
    }
    if (version === seen) return
    seen = version
    for (const listener of listeners) listener()
  }
  return {
    onChange(listener) {
      listeners.add(listener)
      timer ??= setInterval(look, intervalMs).unref()
    },
    stop: () => clearInterval(timer),
  }
}
