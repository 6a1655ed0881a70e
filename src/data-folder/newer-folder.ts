import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../sqlite/sqlite.ts'
import { type DatabaseName, databases } from './data-files.ts'

/** How each database of a data folder says that a newer version of this program wrote it. */
export type NewerLooks = Readonly<Record<DatabaseName, (sqlite: Database) => boolean>>

/** Whether a newer version of this program wrote a database file. What cannot be read now is left to whoever opens it. Changes nothing. */
export function isNewer(file: string, look: (sqlite: Database) => boolean): boolean {
  if (!existsSync(file)) return false
  try {
    const sqlite = new Database(file, { readonly: true, timeout: 0 })
    try {
      return look(sqlite)
    } finally {
      sqlite.close()
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return false
    throw error
  }
}

/** Throws, with what to do, when a newer version wrote one of the databases: before any of them is changed. */
export function refuseNewerFolder(dataDir: string, looks: NewerLooks): void {
  const newer = Object.values(databases).filter(name => isNewer(join(dataDir, name), looks[name]))
  if (newer.length > 0)
    throw new Error(
      `the data folder ${dataDir} was written by a newer version of this program (${newer.join(', ')}), and a newer folder cannot go back: ` +
        'run that version, or put a backup from before it in its place',
    )
}
