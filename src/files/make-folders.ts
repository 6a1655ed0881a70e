import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { privateMode } from './private-mode.ts'

/**
 * Makes a folder and those that it is in, for their owner only, where they are not there. Throws what the system says. Node's own `recursive` goes on for ever
 * where the folder above is there and nothing can be made in it, as below /proc.
 */
export function makeFolders(folder: string): void {
  const above = dirname(folder)
  if (!existsSync(above)) makeFolders(above)
  try {
    mkdirSync(folder, { mode: privateMode.folder })
  } catch (cause) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw cause
  }
}
