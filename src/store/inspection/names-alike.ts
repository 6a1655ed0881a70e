import { foldUsername } from '../../protocol/identifiers.ts'
import { Database } from '../../sqlite/sqlite.ts'

/** Groups of user names that people would take for the same, in a database that need not be migrated. Rejects when it cannot be opened. */
export async function namesAlike(file: string): Promise<string[][]> {
  const database = new Database(file, { readonly: true })
  try {
    const names = new Map<string, string[]>()
    for (const name of database.prepare('select username from account order by created_at_ms').pluck().iterate()) {
      const folded = foldUsername(String(name))
      names.set(folded, [...(names.get(folded) ?? []), String(name)])
    }
    return [...names.values()].filter(({ length }) => length > 1)
  } finally {
    database.close()
  }
}
