import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { packageRoot } from '../../../src/app/package-root.ts'

type Functions = Record<string, (...args: never[]) => unknown>

/** Functions that run in another process, with its own thread and its own bound of open files. */
export interface Elsewhere<M extends Functions> extends AsyncDisposable {
  readonly pid: number
  /** Calls one there. Arguments and result travel as JSON; several calls run at the same time. */
  call<N extends keyof M & string>(name: N, ...args: Parameters<M[N]>): Promise<Awaited<ReturnType<M[N]>>>
}

/**
 * Starts a process that calls the factory `factory` of the module at `url`, and offers the functions that it returns. They are gone, with everything
 * that they hold, when this is disposed of. The module is bundled first, for Node spends most of a start on finding and compiling many small files.
 */
export async function startElsewhere<M extends Functions>(url: URL, factory: string): Promise<Elsewhere<M>> {
  const program = await bundle(fileURLToPath(url), factory)
  const child = fork(program.file, { execArgv: ['--enable-source-maps'] })
  const exited = once(child, 'exit')
  const waiting = new Map<number, (answer: { error?: string; result: never }) => void>()
  child.on('message', message => {
    const { id, ...answer } = JSON.parse(String(message))
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  const ended = exited.then(([code]) => Promise.reject(new Error(`the process of ${url.href} ended with ${code}`)))
  ended.catch(() => {}) // it is ended when it is disposed of
  await Promise.race([once(child, 'message'), ended]).finally(program.remove)
  let calls = 0
  return {
    pid: child.pid ?? 0,
    async call(name, ...args) {
      const id = ++calls
      const answered = new Promise<{ error?: string; result: never }>(resolve => waiting.set(id, resolve))
      child.send(JSON.stringify({ id, name, args }))
      const { error, result } = await Promise.race([answered, ended])
      if (error !== undefined) throw new Error(`${name}: ${error}`)
      return result
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** One file that answers calls to what the factory makes. It stands in this package, for what it imports of others is found from there. */
async function bundle(module: string, factory: string) {
  const folders = join(packageRoot(), 'build', 'elsewhere')
  await mkdir(folders, { recursive: true })
  const folder = await mkdtemp(join(folders, 'process-'))
  const file = join(folder, 'process.mjs')
  const contents =
    `import { ${factory} } from ${JSON.stringify(module)}\n` +
    `import { answerCalls } from './answer-calls.ts'\n` +
    `answerCalls(${factory}())\n`
  await build({
    stdin: { contents, loader: 'ts', resolveDir: import.meta.dirname },
    outfile: file,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    logLevel: 'warning',
  })
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}
