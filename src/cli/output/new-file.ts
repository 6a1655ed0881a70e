import { randomUUID } from 'node:crypto'
import { link, lstat, open, rename, rm } from 'node:fs/promises'
import { fileReason } from '../../files/file-reason.ts'
import { privateMode } from '../../files/private-mode.ts'

/** A file that is about to be made. */
export interface NewFile {
  /** Puts `content` under the file's name, complete and on disk, with mode 0600. Rejects when another program has made the file meanwhile. */
  write(content: string | Uint8Array): Promise<void>
  /** Must be called at the end in any case. */
  close(): Promise<void>
}

/**
 * Checks that `file` can be made. Rejects with a sentence when its folder cannot be written, or when the file exists and `force` is not
 * given, which replaces it.
 */
export async function openNewFile(file: string, { force }: { readonly force: boolean }): Promise<NewFile> {
  if (file === '') throw new Error('a file needs a name')
  const there = await lstat(file).catch(() => undefined)
  if (there?.isDirectory()) throw new Error(`${file} is a folder`)
  if (there && !force) throw new Error(`${file} already exists: --force replaces it`)
  const temporary = `${file}.${randomUUID()}.tmp`
  const orSay = (cause: unknown) => {
    throw new Error(`${file} cannot be written: ${fileReason(cause, meaningsHere)}`, { cause })
  }
  const handle = await open(temporary, 'wx', privateMode.file).catch(orSay)
  return {
    async write(content) {
      await handle.writeFile(content).catch(orSay)
      await handle.sync().catch(orSay)
      // A link, unlike a rename, replaces nothing.
      await (force ? rename(temporary, file) : link(temporary, file)).catch(orSay)
    },
    async close() {
      await handle.close()
      await rm(temporary, { force: true })
    },
  }
}

const meaningsHere = { ENOENT: 'its folder is not there' } as const
