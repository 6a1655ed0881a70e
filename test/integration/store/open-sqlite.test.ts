import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openSqlite } from '../../../src/store/open-sqlite.ts'
import { tempFile } from './open-temp-store.ts'

/** Holds the write lock of a database that is not in WAL mode, as a process does that is just switching it, and lets go a little later. */
const holdLock = `
  const { workerData, parentPort } = require('node:worker_threads')
  const sqlite = new (require(workerData.module))(workerData.file)
  sqlite.exec('create table note (text); begin immediate')
  parentPort.postMessage('locked')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  sqlite.exec('commit')
  sqlite.close()
`

test('a new database that another process is locking is waited for and then in WAL mode', async () => {
  const file = tempFile()
  const module = createRequire(import.meta.url).resolve('better-sqlite3')
  const worker = new Worker(holdLock, { eval: true, workerData: { file, module } })
  const exited = once(worker, 'exit')
  await once(worker, 'message')
  const sqlite = openSqlite(file)
  onTestFinished(() => void sqlite.close())
  expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal')
  await exited
})

test('references are checked, commits are NORMAL, and a lock is waited for 5 s', () => {
  const sqlite = openSqlite(tempFile())
  onTestFinished(() => void sqlite.close())
  expect(sqlite.pragma('foreign_keys', { simple: true })).toBe(1)
  expect(sqlite.pragma('synchronous', { simple: true })).toBe(1)
  expect(sqlite.pragma('busy_timeout', { simple: true })).toBe(5000)
})
