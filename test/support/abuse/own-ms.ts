import { readFileSync } from 'node:fs'

/** What the system has given this thread so far. */
export interface ThreadTimes {
  /** It ran. */
  readonly ranMs: number
  /** It could have run, and the system ran others. */
  readonly heldUpMs: number
}

/** Both are nothing where the system does not tell (Linux does). */
export function threadTimes(): ThreadTimes {
  try {
    const [ran, heldUp] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')
    return { ranMs: Number(ran) / 1e6, heldUpMs: Number(heldUp) / 1e6 }
  } catch {
    return { ranMs: 0, heldUpMs: 0 }
  }
}

/**
 * A clock of this thread's own, in milliseconds: it stands still while the thread could run and the system runs others. It goes on while the thread
 * works, sleeps, or waits for a lock or a disk. Where the system does not tell, it is `performance.now()`.
 */
export const ownMs = (): number => performance.now() - threadTimes().heldUpMs
