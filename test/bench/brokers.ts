import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Credentials } from '../support/raw-client.ts'

/** A broker under measurement, in a process of its own: where it is, and as whom to connect. */
export interface BenchBroker extends AsyncDisposable {
  readonly pid: number
  readonly ports: { readonly mqtt: number; readonly http: number }
  readonly publisher: Credentials
  readonly subscriber: Credentials
}

/** A script of this folder in a process of its own; resolves with the first message that it sends. */
async function startScript<T>(script: string, args: readonly string[] = []): Promise<{ child: ChildProcess; said: T }> {
  const child = fork(join(import.meta.dirname, script), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const said = await new Promise<T>((resolve, reject) => {
    child.once('message', message => resolve(message as T))
    child.once('exit', code => reject(new Error(`${script} ended with ${code}`)))
  })
  return { child, said }
}

/** Aedes as its README starts it, or a relay that reads nothing of what it passes on. */
export async function startBare(script: 'bare-broker.ts' | 'bare-relay.ts'): Promise<BenchBroker> {
  const { child, said: ports } = await startScript<BenchBroker['ports']>(script)
  return {
    pid: child.pid ?? 0,
    ports,
    publisher: { clientId: 'bench-device' },
    subscriber: { clientId: 'bench-phone' },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
    },
  }
}

/** See `watched-broker.ts`. */
export interface WatchedBroker extends BenchBroker {
  readonly operator: Credentials
  /** From now on. */
  writeLines(perSecond: number): void
}

export async function startWatched(watched: 'on' | 'off'): Promise<WatchedBroker> {
  const { child, said } = await startScript<Pick<WatchedBroker, 'ports' | 'publisher' | 'subscriber' | 'operator'>>(
    'watched-broker.ts',
    [watched],
  )
  return {
    ...said,
    pid: child.pid ?? 0,
    writeLines: perSecond => void child.send(perSecond),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
    },
  }
}

/** The built program as it is installed, logging at info: a device with its secret, and a user with a token who follows its devices. */
export async function startProgram(
  settings: object = {},
): Promise<BenchBroker & LatchkeyProcess & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
  const wechat = { points: 1_000_000, durationSeconds: 60 } // one WeChat user signs in again and again
  const limits = { messagesPerSecond: 1e6, bytesPerSecond: 1e9, requestsPerMinute: 1e6 } // one client sends what it can
  await writeFile(join(dataDir, 'local.json'), JSON.stringify({ signIn: { wechat }, limits, ...settings }))
  const program = await startLatchkey(dataDir, { NODE_CONFIG_DIR: dataDir, LATCHKEY_LOG_LEVEL: 'info' })
  const device = await program.run(['device', 'add', '--type', 'sensor', '--id', 'bench-device'])
  const user = await program.run(['user', 'add', 'follower', '--password-stdin'], 'bench bench')
  const { token = '' } = await program.run(['token', 'issue', '--user', 'follower'])
  const store = await openStore({ file: join(dataDir, 'latchkey.db'), now: Date.now })
  await store.devices.claim('bench-device', user.id ?? '')
  await store.close()
  return {
    ...program,
    dataDir,
    publisher: { clientId: 'bench-device', username: 'bench-device', password: device.secret ?? '' },
    subscriber: { clientId: 'bench-phone', username: 'jwt', password: token },
    async [Symbol.asyncDispose]() {
      await program.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
