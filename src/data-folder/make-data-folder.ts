import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileReason } from '../files/file-reason.ts'
import { makeFolders } from '../files/make-folders.ts'
import { databases, keysFolder, lockFile } from './data-files.ts'

/**
 * Makes the data folder, for its owner only, unless it exists. Throws, with the problem and the setting to change, when the folder or a broker's
 * files in it cannot be used.
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

const whatItIs = (name: string) => (name === keysFolder ? 'it is a file, not a folder' : 'it is a folder, not a file')

function orSay(path: string, use: () => void): void {
  try {
    use()
  } catch (cause) {
    const reason = fileReason(cause, meaningsHere)
    throw new Error(`dataDir: ${path} cannot be used: ${reason} (set dataDir or LATCHKEY_DATA_DIR)`, { cause })
  }
}

const notItsOwn = 'the user that runs this cannot read and write it, but should own it'
const meaningsHere = {
  ENOENT: 'nothing can be created there',
  EEXIST: 'a file has this name',
  ENOTDIR: 'a part of its path is a file',
  EACCES: notItsOwn,
  EPERM: notItsOwn,
} as const
