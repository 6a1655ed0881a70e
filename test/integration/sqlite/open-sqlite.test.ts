import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSqlite } from '../../../src/sqlite/open-sqlite.ts'
import { Database, sqlitePackage } from '../../../src/sqlite/sqlite.ts'
import { holdLock } from '../../support/abuse/hold-lock.ts'
import { startApp } from '../../support/start-app.ts'
import { tempFile } from '../store/open-temp-store.ts'

test('a new database that another process is locking is waited for and then in WAL mode', async () => {
  const file = tempFile()
  // Not in WAL mode: the other one is just switching it.
  const { ended } = await holdLock(file, 'create table note (text); begin immediate', { forMs: 300 })
  const sqlite = openSqlite(file)
  onTestFinished(() => void sqlite.close())
  expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal')
  await ended
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

test('synchronous: FULL holds for both databases of a broker', async () => {
  const pragma = vi.spyOn(Database.prototype, 'pragma')
  onTestFinished(() => pragma.mockRestore())
  await using _ = await startApp({ configure: config => ({ ...config, synchronous: 'FULL' }) })
  const full = pragma.mock.calls.flatMap(([source], call) =>
    source === 'synchronous = FULL' ? [basename(Object(pragma.mock.contexts[call]).name)] : [],
  )
  expect(new Set(full)).toEqual(new Set(['latchkey.db', 'mqtt.db']))
})
