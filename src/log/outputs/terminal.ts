import { constants, openSync, writeSync } from 'node:fs'
import { isHeld, type LogOutput, maxClosingMs, maxUnwrittenBytes, stdoutFd, tryAgainMs } from './log-output.ts'

/**
 * For lines that people read as they come: each is out before the call returns. While the terminal is held (Ctrl-S, a window that hangs)
 * lines wait for it, and beyond a bound they are dropped; the broker does not wait.
 */
export function openTerminal(): LogOutput {
  const fd = openWithoutBlocking()
  let leaving: Uint8Array = Buffer.alloc(0)
  let behind = ''
  let timer: NodeJS.Timeout | undefined
  let onEmpty: (() => void) | undefined

  /** Writes what the terminal takes now; what is left is tried again later. */
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

/** Opens the same terminal once more: a mode of the descriptor that was inherited would be the shell's too. */
function openWithoutBlocking(): number {
  try {
    return openSync(`/proc/self/fd/${stdoutFd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return stdoutFd // no /proc: then a terminal that is held holds the process
  }
}
