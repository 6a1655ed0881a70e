import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { lockDataFolder } from '../../../src/store/lock-data-folder.ts'

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a data folder is for one broker at a time: the next is told which folder, and gets in when the first has ended', () => {
  const folder = join(tempFolder(), 'data')
  const unlock = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(`another broker runs on the data folder ${folder}`)
  unlock()
  lockDataFolder(folder)()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'broker.lock')).mode & 0o777).toBe(0o600)
})

/** Lets go a little later, as a broker does that is just ending. */
const holdLock = `
  const { workerData, parentPort } = require('node:worker_threads')
  const sqlite = new (require(workerData.module))(workerData.file)
  sqlite.exec('begin exclusive')
  parentPort.postMessage('locked')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  sqlite.close()
`

test('a broker that is just ending is waited for', async () => {
  const folder = tempFolder()
  const module = createRequire(import.meta.url).resolve('better-sqlite3')
  const worker = new Worker(holdLock, { eval: true, workerData: { file: join(folder, 'broker.lock'), module } })
  const exited = once(worker, 'exit')
  await once(worker, 'message')
  lockDataFolder(folder)()
  await exited
})
