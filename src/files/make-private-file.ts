import { writeFileSync } from 'node:fs'
import { codeOf } from './code-of.ts'
import { privateMode } from './private-mode.ts'

/**
 * Makes an empty file that only its owner may read, unless it exists. SQLite gives its `-wal` and `-shm` files the mode of the database. An
 * existing file must not be opened here: closing it would drop the POSIX locks that another connection of this process holds on it.
 */
export function makePrivateFile(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: privateMode.file })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}
