import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Database } from '../sqlite/sqlite.ts'
import { makeFolders } from './make-folders.ts'

/**
 * Copies a data folder to `to`, which is made: each database as it was at one moment, and the keys, which tokens and secrets depend on. A
 * running broker goes on meanwhile: `latchkey.db` comes last, because what it says of rights ends what the others hold, and never the other way round. Rejects when there is something in `to` already. Resolves with the files that were made.
 */
export async function backUp(dataDir: string, to: string): Promise<readonly string[]> {
  makeFolders(to)
  if ((await readdir(to)).length > 0) throw new Error(`${to} is not empty: a backup needs a folder of its own`)
  const found = (await readdir(dataDir)).filter(name => name.endsWith('.db'))
  const databases = [...found.filter(name => name !== rightsIn), ...found.filter(name => name === rightsIn)]
  for (const name of databases) {
    await writeFile(join(to, name), '', { flag: 'wx', mode: 0o600 }) // SQLite would make it for everybody to read
    const sqlite = new Database(join(dataDir, name), { readonly: true, timeout: 5000 })
    try {
      sqlite.prepare('vacuum into ?').run(join(to, name)) // one read transaction: writers are not kept waiting
    } finally {
      sqlite.close()
    }
  }
  await mkdir(join(to, 'keys'), { mode: 0o700 })
  const keys = await readdir(join(dataDir, 'keys'))
  for (const name of keys) await copyFile(join(dataDir, 'keys', name), join(to, 'keys', name))
  return [...databases, ...keys.map(name => join('keys', name))]
}

const rightsIn = 'latchkey.db'
