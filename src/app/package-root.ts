import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of package.json, where `config/` and `devices/types/` stand: the same from the sources and from `dist`. */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
}
