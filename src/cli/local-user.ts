import { userInfo } from 'node:os'

/** The name of whoever runs this process; its number where the machine knows no name, as in some containers. */
export function localUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
