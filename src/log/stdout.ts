import { writeSync } from 'node:fs'
import { type DestinationStream, destination as openDestination } from 'pino'

/** Where lines go. `close` resolves when all of them are out. */
export interface LogOutput {
  readonly stream: DestinationStream
  close(): Promise<void>
}

/** Unwritten bytes after which lines are dropped, when whoever reads stdout has stopped reading. */
const maxUnwrittenBytes = 16 * 1024 * 1024
const stdoutFd = 1
const gatherMs = 10

/** For lines that people read as they come: each is out before the call returns. */
export function openTerminal(): LogOutput {
  return openFd(true)
}

/**
 * For JSON lines. They are gathered for some milliseconds and leave together, so that a reply never waits for its log line; and without
 * waiting for the reader of stdout, so that a slow one does not stop the broker, nor one that has gone, nor a full disk: then lines are
 * lost. A process that ends by itself, in whatever way, writes what it has gathered.
 */
export function openGatheredStdout(): LogOutput {
  const { stream, close } = openFd(false)
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
    try {
      writeSync(stdoutFd, take())
    } catch {
      // nobody reads any more
    }
  }
  process.on('exit', writeAtExit)
  return {
    stream: {
      write(line) {
        gathered += line
        timer ??= setTimeout(() => stream.write(take()), gatherMs)
      },
    },
    close() {
      process.off('exit', writeAtExit)
      if (timer) stream.write(take())
      return close()
    },
  }
}

function openFd(sync: boolean): LogOutput {
  const stdout = openDestination({ fd: stdoutFd, sync, maxLength: maxUnwrittenBytes })
  const closed = new Promise<void>(resolve => stdout.on('error', () => resolve()).on('close', () => resolve()))
  return {
    stream: stdout,
    close() {
      stdout.end()
      return closed
    },
  }
}
