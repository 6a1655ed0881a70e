import { Database } from '../sqlite/sqlite.ts'

/** What SQLite's own check says of a file; `ok` when it is whole. It is only read. Throws when it cannot be opened. */
export function checkDatabase(file: string): string {
  const sqlite = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 })
  try {
    const found: unknown = sqlite.pragma('quick_check(1)', { simple: true })
    return String(found)
  } finally {
    sqlite.close()
  }
}
