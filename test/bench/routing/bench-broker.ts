import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Credentials } from '../../support/raw-client.ts'

/** What a broker under measurement tells: where it is, and as whom to connect. */
export interface BenchBroker {
  readonly tcpPort: number
  readonly wsPort: number
  readonly publisher: Credentials
  readonly subscriber: Credentials
}

/** Starts one of the brokers beside this file in a process of its own. */
export function startBenchBroker(file: string): Promise<{ broker: BenchBroker; stop: () => void }> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', message => resolve({ broker: message as BenchBroker, stop: () => child.kill('SIGKILL') }))
    child.once('exit', code => reject(new Error(`${file} ended with ${code}`)))
  })
}
