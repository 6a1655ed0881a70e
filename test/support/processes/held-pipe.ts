import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The writing end of a pipe that is full, whose reader reads nothing more. */
export interface HeldPipe extends Disposable {
  readonly fd: number
}

/** For the stdout of a process: its first write finds no room. */
export function openHeldPipe(): HeldPipe {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pipe-'))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const fd = openSync(path, constants.O_WRONLY)
  const filler = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) // an opening of its own: `fd` blocks, as a shell's pipe does
  try {
    for (;;) writeSync(filler, '\n'.repeat(4096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
  }
  closeSync(filler)
  return {
    fd,
    [Symbol.dispose]() {
      closeSync(fd)
      closeSync(reader)
      rmSync(folder, { recursive: true })
    },
  }
}
