import { codeOf } from './code-of.ts'

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'there is something of this name already',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it, or a part of its path, is a file and no folder',
  ENOTEMPTY: 'it is a folder that is not empty',
  EACCES: 'the user that runs this may not do that',
  EPERM: 'the user that runs this may not do that',
  EROFS: 'its file system is read-only',
  ENOSPC: 'there is no space left',
  EDQUOT: 'there is no space left',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its symbolic links lead in a circle',
  EBUSY: 'it is in use',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'its disk cannot be read or written',
}

/** Why the system refused a file or folder, in words that end a sentence about it. `here` says what a code means where it says more. */
export function fileReason(error: unknown, here: Readonly<Record<string, string>> = {}): string {
  const code = codeOf(error)
  const meaning = here[code] ?? meanings[code]
  if (meaning !== undefined) return meaning
  if (!(error instanceof Error)) return String(error)
  return 'syscall' in error ? `the system says ${code}` : error.message
}

/** The same as a sentence, with the path that the system refused; undefined when the error says nothing of a path. */
export function fileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'path' in error)) return undefined
  return `${'dest' in error ? error.dest : error.path} cannot be used: ${fileReason(error)}`
}
