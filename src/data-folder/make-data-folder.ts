import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileReason } from '../files/file-reason.ts'
import { makeFolders } from '../files/make-folders.ts'
import { databases, keysFolder, lockFile } from './data-files.ts'

/**
 * Makes the data folder, for its owner only, when it is not there. Throws, with what is wrong and the setting to change, when it cannot be
 * used, or what a broker keeps in it cannot be.
 */
export function makeDataFolder(dataDir: string): void {
  const folder = resolve(dataDir)
  const { R_OK, W_OK, X_OK } = constants
  orSay(folder, () => {
    makeFolders(folder)
    accessSync(folder, R_OK | W_OK | X_OK)
  })
  const there = readdirSync(folder).filter(name => ours.has(name))
  for (const name of there) {
    const path = join(folder, name)
    orSay(path, () => {
      accessSync(path, R_OK | W_OK)
      if (statSync(path).isDirectory() !== (name === keysFolder)) throw new Error(whatItIs(name))
    })
  }
}

const ours: ReadonlySet<string> = new Set([
  ...Object.values(databases).flatMap(name => [name, `${name}-wal`, `${name}-shm`]),
  lockFile,
  keysFolder,
])

const whatItIs = (name: string) => (name === keysFolder ? 'it is a file and no folder' : 'it is a folder and no file')

function orSay(path: string, use: () => void): void {
  try {
    use()
  } catch (cause) {
    const reason = fileReason(cause, meaningsHere)
    throw new Error(`dataDir: ${path} cannot be used: ${reason} (set dataDir or LATCHKEY_DATA_DIR)`, { cause })
  }
}

const notItsOwn = 'the user that runs this may not read and write it; it should be its own'
const meaningsHere = {
  ENOENT: 'nothing can be made where it would be',
  EEXIST: 'a file that is no folder has this name',
  ENOTDIR: 'a part of its path is a file',
  EACCES: notItsOwn,
  EPERM: notItsOwn,
} as const
