import { Database } from '../sqlite/sqlite.ts'

/** The result of SQLite's own check of a file, opened read-only; `ok` when it is intact. Throws when it cannot be opened. */
export function checkDatabase(file: string): string {
  const sqlite = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 })
  try {
    const found: unknown = sqlite.pragma('quick_check(1)', { simple: true })
    return String(found)
  } finally {
    sqlite.close()
  }
}
