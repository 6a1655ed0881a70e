import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openSqlite } from '../../../src/sqlite/open-sqlite.ts'
import { sqlitePackage } from '../../../src/sqlite/sqlite.ts'
import { tempFile } from '../store/open-temp-store.ts'

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
  const module = createRequire(import.meta.url).resolve(sqlitePackage(process.versions.napi ?? '0'))
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

test('Node 24.19 and later are given the package that does not abort them, Node 20 the one that it can load', () => {
  expect(sqlitePackage('9')).toBe('better-sqlite3') // Node 20, and 22 before 22.14
  expect(sqlitePackage('10')).toBe('better-sqlite3-napi')
})

test('statements that are collected as garbage take nothing with them', async () => {
  const script = `
    const { openSqlite } = await import(${JSON.stringify(new URL('../../../src/sqlite/open-sqlite.ts', import.meta.url).href)})
    const sqlite = openSqlite(process.argv[1])
    for (let n = 0; n < 1000; n++) sqlite.prepare('select ' + n)
    setTimeout(() => { globalThis.gc(); setTimeout(() => sqlite.close(), 10) }, 10)`
  const child = spawn(process.execPath, [
    '--expose-gc',
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
    tempFile(),
  ])
  const [code, signal] = await once(child, 'exit')
  expect({ code, signal }).toEqual({ code: 0, signal: null })
})
