import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isOfNewerProgram } from '../persistence/mqtt-schema.ts'
import { Database } from '../sqlite/sqlite.ts'
import { unknownMigrations } from '../store/unknown-migrations.ts'

/** How each database of the data folder says that a newer version of this program wrote it. */
const looks: Readonly<Record<string, (sqlite: Database) => boolean>> = {
  'latchkey.db': sqlite => unknownMigrations(sqlite).length > 0,
  'mqtt.db': isOfNewerProgram,
}

/** Whether a newer version of this program wrote a database file. What cannot be read now is left to whoever opens it. Changes nothing. */
export function isNewer(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    const sqlite = new Database(file, { readonly: true, timeout: 0 })
    try {
      return looks[basename(file)]?.(sqlite) ?? false
    } finally {
      sqlite.close()
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return false
    throw error
  }
}

/** Throws, with what to do, when a newer version wrote one of the databases: before any of them is changed. */
export function refuseNewerFolder(dataDir: string): void {
  const newer = Object.keys(looks).filter(name => isNewer(join(dataDir, name)))
  if (newer.length > 0)
    throw new Error(
      `the data folder ${dataDir} was written by a newer version of this program (${newer.join(', ')}), and a newer folder cannot go back: ` +
        'run that version, or put a backup from before it in its place',
    )
}
