import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import type { Problem } from './build-failed.ts'

/** The contents of an app folder, as paths below it with `/`. */
export interface SourceFiles {
  readonly folder: string
  /** TypeScript modules, without declarations. */
  readonly modules: readonly string[]
  /** Files that go into the package unchanged. */
  readonly copied: readonly string[]
  /** Files that have no place in a package. */
  readonly problems: readonly Problem[]
  has(path: string): boolean
  /** Its text; undefined when there is no such file. */
  read(path: string): string | undefined
}

const copiedTypes = new Set(['.wxml', '.wxss', '.wxs', '.json', '.svg', '.png', '.jpg', '.jpeg', '.gif', '.webp'])

/** Reads the names of all files below `folder`. */
export function listSourceFiles(folder: string): SourceFiles {
  const paths = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(path => path !== 'tsconfig.json' && !path.endsWith('.d.ts'))
    .sort()
  const modules = paths.filter(path => path.endsWith('.ts'))
  const copied = paths.filter(path => copiedTypes.has(extname(path)))
  const known = new Set([...modules, ...copied])
  return {
    folder,
    modules,
    copied,
    problems: paths
      .filter(path => !known.has(path))
      .map(file => ({ file, message: 'a file of this kind has no place in a mini-program' })),
    has: path => known.has(path),
    read: path => (known.has(path) ? readFileSync(join(folder, path), 'utf8') : undefined),
  }
}
