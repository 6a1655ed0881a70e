import { userInfo } from 'node:os'

/** The name of the user who runs this process, or the user's number where the machine has no name for it, as in some containers. */
export function localUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
