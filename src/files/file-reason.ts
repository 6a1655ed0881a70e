import { codeOf } from './code-of.ts'

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'something of this name already exists',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it, or a part of its path, is a file and not a folder',
  ENOTEMPTY: 'the folder is not empty',
  EACCES: 'the user that runs this has no permission',
  EPERM: 'the user that runs this has no permission',
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

/** Why the system refused a file or folder, in words that end a sentence. `here` has more specific meanings of some codes. */
export function fileReason(error: unknown, here: Readonly<Record<string, string>> = {}): string {
  const code = codeOf(error)
  const meaning = here[code] ?? meanings[code]
  if (meaning !== undefined) return meaning
  if (!(error instanceof Error)) return String(error)
  return 'syscall' in error ? `the system says ${code}` : error.message
}

/** {@link fileReason} as a sentence with the path; undefined when the error has no path. */
export function fileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'path' in error)) return undefined
  return `${'dest' in error ? error.dest : error.path} cannot be used: ${fileReason(error)}`
}
