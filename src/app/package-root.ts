import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of package.json, which contains `config/` and `devices/types/`; the same for the sources and for `dist`. */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
}
