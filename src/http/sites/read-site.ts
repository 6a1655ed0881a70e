import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/** A file as it is served. */
export interface SiteFile {
  readonly type: string
  readonly content: Buffer
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** Reads every file below a folder, by its path with `/` between. Read once, so that a request opens no file. Hidden files are left out. */
export function readSite(folder: string): ReadonlyMap<string, SiteFile> {
  const files = new Map<string, SiteFile>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const path = relative(folder, file).split(sep)
    if (!entry.isFile() || path.some(part => part.startsWith('.'))) continue
    const type = types[extname(entry.name)] ?? 'application/octet-stream'
    files.set(path.join('/'), { type, content: readFileSync(file) })
  }
  return files
}
