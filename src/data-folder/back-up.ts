import { existsSync, realpathSync } from 'node:fs'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileReason } from '../files/file-reason.ts'
import { makeFolders } from '../files/make-folders.ts'
import { privateMode } from '../files/private-mode.ts'
import { Database } from '../sqlite/sqlite.ts'
import { databases, keysFolder } from './data-files.ts'

/**
 * Copies a data folder to `to`, which is made: each database as it was at one moment, and the keys, which tokens and secrets depend on. A
 * running broker goes on meanwhile: `latchkey.db` comes last, because what it says of rights ends what the others hold, and never the other way round. Rejects, with a sentence,
 * when there is something in `to` already, when it is in the data folder itself, and when it cannot be made. Resolves with the files that were made.
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
    await writeFile(join(folder, name), '', { flag: 'wx', mode: privateMode.file }) // SQLite would make it for everybody to read
    const sqlite = new Database(join(dataDir, name), { readonly: true, timeout: 5000 })
    try {
      sqlite.prepare('vacuum into ?').run(join(folder, name)) // one read transaction: writers are not kept waiting
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
  ENOENT: 'nothing can be made where it would be',
  EEXIST: 'a file that is no folder has this name',
  ENOTDIR: 'a part of its path is a file',
} as const

/** Whether `folder`, which need not be there, is `outer` or in it, whatever links lead there. */
function isWithin(outer: string, folder: string): boolean {
  const way = relative(realpathSync(outer), realPathOf(folder))
  return way !== '..' && !way.startsWith('../')
}

const realPathOf = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder
    ? realpathSync(folder)
    : join(realPathOf(dirname(folder)), basename(folder))
