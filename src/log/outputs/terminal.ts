import { constants, openSync, writeSync } from 'node:fs'
import { isHeld, type LogOutput, maxClosingMs, maxUnwrittenBytes, stdoutFd, tryAgainMs } from './log-output.ts'

/**
 * Writes lines to a terminal, each before the call returns. While the terminal is held (Ctrl-S, a window that hangs), lines wait, and beyond a bound
 * they are dropped; the broker does not wait.
 */
export function openTerminal(): LogOutput {
  const fd = openWithoutBlocking()
  let leaving: Uint8Array = Buffer.alloc(0)
  let behind = ''
  let timer: NodeJS.Timeout | undefined
  let onEmpty: (() => void) | undefined

  /** Writes what the terminal takes now, and tries the rest later. */
  function writeOn(): void {
    timer = undefined
    try {
      while (leaving.length > 0 || behind !== '') {
        if (leaving.length === 0) {
          leaving = Buffer.from(behind)
          behind = ''
        }
        leaving = leaving.subarray(writeSync(fd, leaving))
      }
    } catch (error) {
      if (isHeld(error)) {
        timer = setTimeout(writeOn, tryAgainMs)
        return
      }
      leaving = Buffer.alloc(0) // the terminal has gone
      behind = ''
    }
    onEmpty?.()
  }

  return {
    stream: {
      write(line) {
        if (behind.length + line.length > maxUnwrittenBytes) return
        behind += line
        if (timer === undefined) writeOn()
      },
    },
    async close() {
      if (timer === undefined) return
      await new Promise<void>(resolve => {
        onEmpty = resolve
        setTimeout(resolve, maxClosingMs).unref()
      })
      clearTimeout(timer)
    },
  }
}

/** Opens the terminal again, since the mode of an inherited descriptor is shared with the shell. */
function openWithoutBlocking(): number {
  try {
    return openSync(`/proc/self/fd/${stdoutFd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return stdoutFd // without /proc a held terminal holds up the process
  }
}
