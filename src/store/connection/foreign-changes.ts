/** Tells when another connection, in this process or another, committed to the database. */
export interface ForeignChanges {
  onChange(listener: () => void): void
  stop(): void
}

/**
 * Reads `PRAGMA data_version` every `intervalMs`. On the connection that writes it changes with other connections' commits only. The timer does
 * not keep the process alive.
 */
export function watchForeignChanges(dataVersion: () => unknown, intervalMs: number): ForeignChanges {
  const listeners = new Set<() => void>()
  let seen = dataVersion()
  const look = () => {
    let version: unknown
    try {
      version = dataVersion()
    } catch {
      return // Cannot be read for now: the next look catches up, and `Store.check` is who reports it.
    }
    if (version === seen) return
    seen = version
    for (const listener of listeners) listener()
  }
  const timer = setInterval(look, intervalMs).unref()
  return { onChange: listener => void listeners.add(listener), stop: () => clearInterval(timer) }
}
