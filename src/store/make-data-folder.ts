import { accessSync, constants, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolders } from './make-folders.ts'

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
  const ours = readdirSync(folder).filter(name => /^((latchkey|mqtt)\.db(-wal|-shm)?|broker\.lock|keys)$/.test(name))
  for (const path of ours.map(name => join(folder, name))) orSay(path, () => accessSync(path, R_OK | W_OK))
}

function orSay(path: string, use: () => void): void {
  try {
    use()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const advice = adviceOn(code) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new Error(`dataDir: ${path} cannot be used: ${advice} (set dataDir or LATCHKEY_DATA_DIR)`, { cause })
  }
}

function adviceOn(code: string): string | undefined {
  switch (code) {
    case 'ENOENT':
      return 'nothing can be made where it would be'
    case 'EEXIST':
      return 'a file that is no folder has this name'
    case 'ENOTDIR':
      return 'a part of its path is a file'
    case 'EACCES':
    case 'EPERM':
      return 'the user that runs this may not read and write it; it should be its own'
    case 'EROFS':
      return 'its file system is read-only'
    case 'ENOSPC':
    case 'EDQUOT':
      return 'there is no space left'
    default:
      return undefined
  }
}
