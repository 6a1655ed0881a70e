import { accessSync, constants } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileReason } from '../../files/file-reason.ts'
import { makeFolders } from '../../files/make-folders.ts'
import { privateMode } from '../../files/private-mode.ts'
import { type LogOutput, maxUnwrittenBytes } from './log-output.ts'

export interface LogFileSettings {
  /** `logs/latchkey.log` becomes `logs/latchkey.1.log` and so on, with the day or hour in its name when it begins a new one then. */
  readonly path: string
  /** The size at which the next file begins. */
  readonly maxBytes: number
  /** When the next file begins in any case. */
  readonly frequency: 'never' | 'hourly' | 'daily'
  /** Files kept; the oldest are deleted. */
  readonly count: number
}

/** Writes lines to files, one after another. */
export interface LogFile extends LogOutput {
  /** Calls `listener` with later errors, which may lose lines. */
  onFault(listener: (error: Error) => void): void
}

/** Put into the file's name, so that the numbers start again with each day. */
const dateFormats = { never: undefined, hourly: 'yyyy-MM-dd-HH', daily: 'yyyy-MM-dd' } as const

/** Opens the file, and makes its folder. Rejects, with the name of the setting, when it cannot be written. */
export async function openLogFile({ path, maxBytes, frequency, count }: LogFileSettings): Promise<LogFile> {
  const file = resolve(path)
  const dateFormat = dateFormats[frequency]
  try {
    makeFolders(dirname(file))
    accessSync(dirname(file), constants.W_OK | constants.X_OK)
    const { default: openRolling } = await import('pino-roll') // large, and few want files
    const stream = await openRolling({
      file,
      size: `${maxBytes}b`,
      ...(frequency !== 'never' && dateFormat && { frequency, dateFormat }),
      limit: { count, removeOtherLogFiles: true },
      maxLength: maxUnwrittenBytes,
      mode: privateMode.file,
    })
    return watched(stream)
  } catch (cause) {
    const reason = fileReason(cause, { ENOENT: 'nothing can be created there' })
    throw new Error(`log.file.path: ${file} cannot be written: ${reason}`, { cause })
  }
}

function watched(stream: Awaited<ReturnType<typeof import('pino-roll').default>>): LogFile {
  let tell: (error: Error) => void = () => {}
  stream.on('error', error => tell(error))
  const closed = new Promise<void>(done => stream.once('close', done).on('error', () => done()))
  const writeAtExit = () => {
    try {
      stream.flushSync()
    } catch {
      // it cannot be written any more
    }
  }
  process.on('exit', writeAtExit)
  return {
    stream,
    onFault(listener) {
      tell = listener
    },
    close() {
      process.off('exit', writeAtExit)
      stream.end()
      return closed
    },
  }
}
