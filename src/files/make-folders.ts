import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { privateMode } from './private-mode.ts'

/**
 * Makes a folder and its missing parents, for their owner only. Throws the system's error. Node's own `recursive` loops for ever where nothing can be
 * made in an existing parent, as below /proc.
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
