import type { DestinationStream } from 'pino'
import { codeOf } from '../../files/code-of.ts'

/** A destination of lines. `close` resolves when all of them are written, or after a second when their reader has stopped. */
export interface LogOutput {
  readonly stream: DestinationStream
  close(): Promise<void>
}

export const stdoutFd = 1
/** Unwritten bytes beyond which lines are dropped. */
export const maxUnwrittenBytes = 16 * 1024 * 1024
/** How long to wait at the end for a reader that has stopped. */
export const maxClosingMs = 1000
/** The pause after a write that found no room. */
export const tryAgainMs = 50

/** True when a write failed because the reader has left no room. */
export const isHeld = (error: unknown): boolean => codeOf(error) === 'EAGAIN'
