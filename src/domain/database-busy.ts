/** The database could not be used in time: another process holds a lock on it. The caller may try again. */
export class DatabaseBusy extends Error {
  constructor(file: string, waitedMs: number, options: ErrorOptions = {}) {
    super(`another process holds a lock on ${file}: ${Math.round(waitedMs)} ms were waited for it`, options)
    this.name = 'DatabaseBusy'
  }
}
