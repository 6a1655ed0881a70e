import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Files in a folder of their own, removed by `await using`. */
export interface WrittenFiles extends AsyncDisposable {
  readonly folder: string
  path(name: string): string
  /** Writes a file, in place of one of that name. */
  write(name: string, content: string): Promise<void>
}

export async function writeFiles(contents: Readonly<Record<string, string>>): Promise<WrittenFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-files-'))
  const path = (name: string) => join(folder, name)
  const write = (name: string, content: string) => writeFile(path(name), content)
  await Promise.all(Object.entries(contents).map(([name, content]) => write(name, content)))
  return { folder, path, write, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
