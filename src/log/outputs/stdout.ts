import { writeSync } from 'node:fs'
import { destination as openDestination } from 'pino'
import { isHeld, type LogOutput, maxClosingMs, maxUnwrittenBytes, stdoutFd, tryAgainMs } from './log-output.ts'

const gatherMs = 10

/**
 * Writes JSON lines to stdout, gathered for some milliseconds, so that a reply never waits for its log line. It does not wait for the reader: when
 * the reader is slow or gone, or the disk is full, lines are lost and the broker continues. A process that ends by itself writes what it has gathered.
 */
export function openGatheredStdout(): LogOutput {
  void process.stdout // Node makes a pipe non-blocking here. A write that blocks would hold up the end of the process too.
  let closingAtMs = Number.POSITIVE_INFINITY
  const stdout = openDestination({
    fd: stdoutFd,
    sync: false,
    maxLength: maxUnwrittenBytes,
    retryEAGAIN: () => performance.now() < closingAtMs + maxClosingMs,
  })
  const closed = new Promise<void>(resolve => {
    stdout.once('close', resolve)
    stdout.on('error', () => {
      if (closingAtMs < Number.POSITIVE_INFINITY) stdout.destroy()
      resolve()
    })
  })

  let gathered = ''
  let timer: NodeJS.Timeout | undefined
  const take = () => {
    clearTimeout(timer)
    timer = undefined
    const lines = gathered
    gathered = ''
    return lines
  }
  const writeAtExit = () => {
    closingAtMs = performance.now()
    try {
      stdout.flushSync()
      writeUntil(closingAtMs + maxClosingMs, take())
    } catch {
      // the reader has gone
    }
    stdout.destroy()
  }
  process.prependListener('exit', writeAtExit) // before pino's own listener, which could wait for ever
  return {
    stream: {
      write(line) {
        gathered += line
        timer ??= setTimeout(() => stdout.write(take()), gatherMs)
      },
    },
    close() {
      process.off('exit', writeAtExit)
      closingAtMs = performance.now()
      if (timer) stdout.write(take())
      stdout.end()
      return closed
    },
  }
}

/** Writes to stdout synchronously. Throws when it cannot, or when the reader takes too long. */
function writeUntil(deadlineMs: number, text: string): void {
  let left: Uint8Array = Buffer.from(text)
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(stdoutFd, left))
    } catch (error) {
      if (!isHeld(error) || performance.now() > deadlineMs) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tryAgainMs)
    }
  }
}
