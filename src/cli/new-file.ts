import { randomUUID } from 'node:crypto'
import { link, lstat, open, rename, rm } from 'node:fs/promises'

/** A file that is going to be there. */
export interface NewFile {
  /** Puts `content` under the file's name, whole and on disk, mode 0600. Rejects when another program made the file meanwhile. */
  write(content: string | Uint8Array): Promise<void>
  /** To be called at the end in any case. */
  close(): Promise<void>
}

/**
 * Makes sure that `file` can be made, and then makes it. Rejects, with a sentence, when it is there (unless `force` is given, which replaces
 * it) and when its folder cannot be written.
 */
export async function openNewFile(file: string, { force }: { readonly force: boolean }): Promise<NewFile> {
  if (!force && (await isThere(file))) throw new Error(`${file} is there already: --force replaces it`)
  const temporary = `${file}.${randomUUID()}.tmp`
  const handle = await open(temporary, 'wx', 0o600).catch((cause: unknown) => {
    throw new Error(`${file} cannot be written (${codeOf(cause)})`, { cause })
  })
  return {
    async write(content) {
      await handle.writeFile(content)
      await handle.sync()
      // A link, unlike a rename, replaces nothing.
      await (force ? rename(temporary, file) : link(temporary, file))
    },
    async close() {
      await handle.close()
      await rm(temporary, { force: true })
    },
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch {
    return false
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unusable'
