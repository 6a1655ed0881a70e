import type { DestinationStream } from 'pino'
import { codeOf } from '../../files/code-of.ts'

/** Where lines go. `close` resolves when all of them are out, or a second later when their reader has stopped reading. */
export interface LogOutput {
  readonly stream: DestinationStream
  close(): Promise<void>
}

export const stdoutFd = 1
/** Unwritten bytes after which lines are dropped, when whoever takes them has stopped. */
export const maxUnwrittenBytes = 16 * 1024 * 1024
/** How long a reader that has stopped is waited for at the end. */
export const maxClosingMs = 1000
/** How long after a write that found no room the next is tried. */
export const tryAgainMs = 50

/** Whether a write failed because its reader has left no room. */
export const isHeld = (error: unknown): boolean => codeOf(error) === 'EAGAIN'
