import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { sqlitePackage } from '../../src/sqlite/sqlite.ts'

const script = `
  const { workerData, parentPort } = require('node:worker_threads')
  const sqlite = new (require(workerData.module))(workerData.file)
  sqlite.exec(workerData.begin)
  parentPort.postMessage('locked')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  sqlite.exec('commit')
  sqlite.close()
`

/** Another thread that holds a lock on a database, got by `begin`, and lets go 300 ms later. Resolves when it has it; `ended` when it is over. */
export async function holdLock(file: string, begin: string): Promise<{ readonly ended: Promise<unknown> }> {
  const module = createRequire(import.meta.url).resolve(sqlitePackage(process.versions.napi ?? '0'))
  const worker = new Worker(script, { eval: true, workerData: { file, module, begin } })
  const ended = once(worker, 'exit')
  await once(worker, 'message')
  return { ended }
}
