import { readFileSync } from 'node:fs'

/**
 * A clock of this thread's own, in milliseconds: it stands still while the thread could run and the system runs others. It goes on while the thread
 * works, sleeps, or waits for a lock or a disk. Where the system does not tell (Linux does), it is `performance.now()`.
 */
export const ownMs = (): number => performance.now() - heldUpMs()

function heldUpMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
