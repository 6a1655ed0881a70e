import type { Database } from 'better-sqlite3'

/** Tells when another connection, in this process or another, committed to the database. */
export interface ForeignChanges {
  onChange(listener: () => void): void
  stop(): void
}

/**
 * Asks `PRAGMA data_version` every `intervalMs`, on the connection that writes: it changes with other connections' commits only. The timer does
 * not keep the process alive.
 */
export function watchForeignChanges(sqlite: Database, intervalMs: number): ForeignChanges {
  const listeners = new Set<() => void>()
  const dataVersion = sqlite.prepare('pragma data_version').pluck()
  let seen = dataVersion.get()
  const look = () => {
    let version: unknown
    try {
      version = dataVersion.get()
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
