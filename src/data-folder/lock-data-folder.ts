import { codeOf } from '../files/code-of.ts'
import { makePrivateFile } from '../files/make-private-file.ts'
import { Database } from '../sqlite/sqlite.ts'
import { pathsIn } from './data-files.ts'
import { makeDataFolder } from './make-data-folder.ts'

/** How long to wait for a broker that is stopping, in milliseconds. */
const waitMs = 2000

/**
 * Locks a data folder for one broker, and makes the folder when it is missing. Two brokers would each acknowledge messages that the other's sessions
 * never get. Commands do not need the lock. It is SQLite's lock on a file of its own, so it ends with the process, however that ends. Throws when
 * another broker holds it, or the folder cannot be used. Returns the function that unlocks.
 */
export function lockDataFolder(dataDir: string): () => void {
  makeDataFolder(dataDir)
  const file = pathsIn(dataDir).lock
  makePrivateFile(file)
  const lock = new Database(file, { timeout: waitMs })
  try {
    lock.exec('begin exclusive')
    return () => void lock.close()
  } catch (error) {
    lock.close()
    if (codeOf(error) !== 'SQLITE_BUSY') throw error
    throw new Error(
      `another broker runs on the data folder ${dataDir}: stop it first, or give this one a folder of its own (dataDir, LATCHKEY_DATA_DIR)`,
      { cause: error },
    )
  }
}
