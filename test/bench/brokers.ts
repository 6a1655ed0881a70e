import { fork } from 'node:child_process'
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

/** Aedes as its README starts it, or a relay that reads nothing of what it passes on. */
export async function startBare(script: 'bare-broker.ts' | 'bare-relay.ts'): Promise<BenchBroker> {
  const child = fork(join(import.meta.dirname, script), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ports = await new Promise<BenchBroker['ports']>((resolve, reject) => {
    child.once('message', message => resolve(message as BenchBroker['ports']))
    child.once('exit', code => reject(new Error(`${script} ended with ${code}`)))
  })
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

/** The built program as it is installed, logging at info: a device with its secret, and a user with a token who follows its devices. */
export async function startProgram(
  settings: object = {},
): Promise<BenchBroker & LatchkeyProcess & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
  const wechat = { points: 1_000_000, durationSeconds: 60 } // one WeChat user signs in again and again
  const limits = { messagesPerSecond: 1_000_000, bytesPerSecond: 1_000_000_000 } // one client sends what it can
  await writeFile(join(dataDir, 'local.json'), JSON.stringify({ signIn: { wechat }, limits, ...settings }))
  const program = await startLatchkey(dataDir, { NODE_CONFIG_DIR: dataDir, LATCHKEY_LOG_LEVEL: 'info' })
  const device = await program.run(['device', 'add', '--type', 'sensor', '--id', 'bench-device'])
  const user = await program.run(['user', 'add', 'follower', '--password-stdin'], 'bench')
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
