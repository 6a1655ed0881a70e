import { randomUUID } from 'node:crypto'
import { link, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../files/code-of.ts'
import { makeFolders } from '../files/make-folders.ts'
import { privateMode } from '../files/private-mode.ts'

/**
 * Makes `file` (mode 0600, missing folders 0700) with `content`, complete and on disk, unless it exists. Of several processes that do so at
 * once exactly one succeeds, and all find the same content afterwards.
 */
export async function writeOnce(file: string, content: string): Promise<void> {
  makeFolders(dirname(file))
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, content, { mode: privateMode.file, flag: 'wx', flush: true })
    // A link, unlike a rename, never replaces a file that another process has just made.
    await link(temporary, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
}
