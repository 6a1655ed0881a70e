import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { sqlitePackage } from '../../../src/sqlite/sqlite.ts'

const script = `
  const [module, file, begin, forMs] = process.argv.slice(1)
  const sqlite = new (require(module))(file)
  sqlite.exec(begin)
  process.stdout.write('locked')
  const release = () => {
    sqlite.exec('commit')
    sqlite.close()
    process.exit(0)
  }
  process.stdin.resume().on('end', release)
  if (forMs) setTimeout(release, Number(forMs))
`

/** A lock on a database; disposing of it lets go. */
export interface HeldLock extends AsyncDisposable {
  /** Lets go, and resolves when the other process has ended. */
  release(): Promise<void>
  /** Resolves when it is over. */
  readonly ended: Promise<unknown>
}

/**
 * Another process that holds a lock on a database, got by `begin` (`begin immediate`, `begin exclusive`), until it is told to let go, or by itself
 * after `forMs`, for a test whose own thread is held up by it. Resolves when it has the lock.
 */
export async function holdLock(file: string, begin: string, { forMs }: { forMs?: number } = {}): Promise<HeldLock> {
  const module = createRequire(import.meta.url).resolve(sqlitePackage(process.versions.napi ?? '0'))
  const args = ['-e', script, module, file, begin, ...(forMs === undefined ? [] : [String(forMs)])]
  const holder = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  const failed = ended.then(([code]) => Promise.reject(new Error(`who holds ${file} ended with ${code}`)))
  failed.catch(() => {}) // it ends when it has let go
  await Promise.race([once(holder.stdout, 'data'), failed])
  const release = async () => {
    holder.stdin.end()
    await ended
  }
  return { release, ended, [Symbol.asyncDispose]: release }
}

/**
 * Holds locks from a process of its own (`startElsewhere`): beside a canary, for to start a process takes the thread that starts it tens of
 * milliseconds when that has much memory.
 */
export function createLocks() {
  let held: HeldLock | undefined
  return {
    async hold(file: string, begin: string): Promise<void> {
      held = await holdLock(file, begin)
    },
    async release(): Promise<void> {
      await held?.release()
    },
  }
}
