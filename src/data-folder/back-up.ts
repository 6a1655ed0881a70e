import { existsSync, realpathSync } from 'node:fs'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileReason } from '../files/file-reason.ts'
import { makeFolders } from '../files/make-folders.ts'
import { privateMode } from '../files/private-mode.ts'
import { Database } from '../sqlite/sqlite.ts'
import { databases, keysFolder } from './data-files.ts'

/**
 * Copies a data folder to the new folder `to`: each database as it was at one moment, and the keys. A running broker continues meanwhile. `latchkey.db`
 * comes last: the rights in it may end what the other files contain, never the other way round. Rejects with a sentence when `to` is not empty, is in the
 * data folder itself, or cannot be made. Resolves with the files that were made.
 */
export async function backUp(dataDir: string, to: string): Promise<readonly string[]> {
  const folder = resolve(to)
  if (isWithin(dataDir, folder))
    throw new Error(
      `${folder} is in the data folder ${resolve(dataDir)}: a backup belongs elsewhere, best on another disk`,
    )
  await makeEmptyFolder(folder)
  const found = (await readdir(dataDir)).filter(name => name.endsWith('.db'))
  const copied = [
    ...found.filter(name => name !== databases.accounts),
    ...found.filter(name => name === databases.accounts),
  ]
  for (const name of copied) {
    await writeFile(join(folder, name), '', { flag: 'wx', mode: privateMode.file }) // SQLite would make it readable by everybody
    const sqlite = new Database(join(dataDir, name), { readonly: true, timeout: 5000 })
    try {
      sqlite.prepare('vacuum into ?').run(join(folder, name)) // one read transaction, which holds up no writer
    } finally {
      sqlite.close()
    }
  }
  await mkdir(join(folder, keysFolder), { mode: privateMode.folder })
  const keys = await readdir(join(dataDir, keysFolder))
  for (const name of keys) await copyFile(join(dataDir, keysFolder, name), join(folder, keysFolder, name))
  return [...copied, ...keys.map(name => join(keysFolder, name))]
}

async function makeEmptyFolder(folder: string): Promise<void> {
  let names: readonly string[]
  try {
    makeFolders(folder)
    names = await readdir(folder)
  } catch (cause) {
    throw new Error(`${folder} cannot be made for a backup: ${fileReason(cause, meaningsHere)}`, { cause })
  }
  if (names.length > 0) throw new Error(`${folder} is not empty: a backup needs a folder of its own`)
}

const meaningsHere = {
  ENOENT: 'nothing can be created there',
  EEXIST: 'a file has this name',
  ENOTDIR: 'a part of its path is a file',
} as const

/** True when `folder`, which need not exist, is `outer` or inside it, through any links. */
function isWithin(outer: string, folder: string): boolean {
  const way = relative(realpathSync(outer), realPathOf(folder))
  return way !== '..' && !way.startsWith('../')
}

const realPathOf = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder
    ? realpathSync(folder)
    : join(realPathOf(dirname(folder)), basename(folder))
