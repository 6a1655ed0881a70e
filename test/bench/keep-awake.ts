import { fork } from 'node:child_process'
import { availableParallelism, setPriority } from 'node:os'

const sliceMs = 2
const lowest = 19

/**
 * Keeps every core from falling asleep, by processes that run only when nothing else wants to. Two processes that take turns, as a broker and
 * its clients with few messages in flight, otherwise wait mostly for cores to wake up, which on a virtual machine is longer than the work.
 */
export function keepAwake(): Disposable {
  const children = Array.from({ length: availableParallelism() }, () =>
    fork(import.meta.filename, { execArgv: ['--import', 'tsx'] }),
  )
  return {
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

function spin(): void {
  const untilMs = performance.now() + sliceMs
  while (performance.now() < untilMs);
  setImmediate(spin) // hears that its parent is gone
}

if (process.send && process.argv[1] === import.meta.filename) {
  setPriority(lowest)
  process.once('disconnect', () => process.exit())
  spin()
}
