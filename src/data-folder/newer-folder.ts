import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../sqlite/sqlite.ts'
import { type DatabaseName, databases } from './data-files.ts'

/** For each database, a function that recognises a file written by a newer version of this program. */
export type NewerLooks = Readonly<Record<DatabaseName, (sqlite: Database) => boolean>>

/** True when a newer version of this program wrote the database file; false when it cannot be read now. Changes nothing. */
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

/** Throws with advice when a newer version wrote one of the databases, before any of them is changed. */
export function refuseNewerFolder(dataDir: string, looks: NewerLooks): void {
  const newer = Object.values(databases).filter(name => isNewer(join(dataDir, name), looks[name]))
  if (newer.length > 0)
    throw new Error(
      `the data folder ${dataDir} was written by a newer version of this program (${newer.join(', ')}), and cannot be used by this one: ` +
        'run that version, or replace the folder with a backup made before it',
    )
}
