import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { openPopulatedStore, openTempStore, tempFile } from './open-temp-store.ts'
import { account } from './records.ts'

function openRaw(file: string): Database {
  const sqlite = new Database(file, { timeout: 0 })
  onTestFinished(() => void sqlite.close())
  return sqlite
}

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

test('a new database and its companions can be read by their owner alone', async () => {
  const file = tempFile()
  await openPopulatedStore(file)
  expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
})

test('the mode of a database that is there already is left alone', async () => {
  const file = tempFile()
  writeFileSync(file, '')
  chmodSync(file, 0o640)
  await openTempStore({ file })
  expect(modeOf(file)).toBe('640')
})

test('the database is in WAL mode, so that readers and the writer do not wait for each other', async () => {
  const file = tempFile()
  await openTempStore({ file })
  expect(openRaw(file).pragma('journal_mode', { simple: true })).toBe('wal')
})

test('opening again migrates nothing and keeps everything', async () => {
  const file = tempFile()
  const first = await openPopulatedStore(file)
  await first.close()
  const before = openRaw(file).prepare('select * from kysely_migration').all()
  const second = await openTempStore({ file })
  expect(openRaw(file).prepare('select * from kysely_migration').all()).toEqual(before)
  expect(await second.accounts.listAccounts()).toHaveLength(2)
})

test('a database that a newer program wrote is refused and not changed', async () => {
  const file = tempFile()
  const store = await openTempStore({ file })
  await store.close()
  const sqlite = openRaw(file)
  sqlite.prepare('delete from kysely_migration where name <> ?').run('0001-accounts')
  sqlite.prepare('insert into kysely_migration (name, timestamp) values (?, ?)').run('9999-future', '2099-01-01')
  const applied = () => sqlite.prepare('select name from kysely_migration').pluck().all()
  const before = applied()
  await expect(openStore({ file, now: Date.now })).rejects.toThrow(/newer than this program.*9999-future/)
  expect(applied()).toEqual(before)
})

test('a migration that fails leaves nothing of itself behind', async () => {
  const file = tempFile()
  const sqlite = openRaw(file)
  sqlite.exec('create table member (in_the_way)')
  await expect(openStore({ file, now: Date.now })).rejects.toThrow('could not be migrated')
  expect(sqlite.prepare("select count(*) from sqlite_master where name in ('account', 'device')").pluck().get()).toBe(0)
  sqlite.exec('drop table member')
  await openTempStore({ file })
})

test('a file that is no database is refused', async () => {
  const file = tempFile()
  writeFileSync(file, 'this is text and not a database '.repeat(100))
  await expect(openStore({ file, now: Date.now })).rejects.toThrow(`${file} is damaged. Put a backup in its place`)
})

test('a database that has to be migrated while another process locks it is refused after a while, with what to do', async () => {
  const file = tempFile()
  const sqlite = openRaw(file)
  sqlite.pragma('journal_mode = wal')
  sqlite.exec('begin immediate')
  await expect(openStore({ file, now: Date.now })).rejects.toThrow(`another process holds a lock on ${file}: end it`)
  sqlite.exec('rollback')
  await openTempStore({ file })
})

test('a file that cannot be opened is refused', async () => {
  const folder = join(dirname(tempFile()), 'folder')
  mkdirSync(folder)
  await expect(openStore({ file: folder, now: Date.now })).rejects.toThrow()
})

test('a change made by another connection is announced, with the change to be seen', async () => {
  const file = tempFile()
  const store = await openTempStore({ file })
  const other = await openTempStore({ file })
  const announced = new Promise<void>(resolve => store.onChangedElsewhere(resolve))
  await other.accounts.createAccount(account('ann'))
  await announced
  expect(await store.accounts.accountById('ann')).toBeDefined()
})

test('what the store wrote itself is not announced', async () => {
  const file = tempFile()
  const store = await openTempStore({ file })
  const other = await openTempStore({ file })
  let announced = 0
  store.onChangedElsewhere(() => announced++)
  const otherHeard = new Promise<void>(resolve => other.onChangedElsewhere(resolve))
  await store.accounts.createAccount(account('ann'))
  await otherHeard
  const heard = new Promise<void>(resolve => store.onChangedElsewhere(resolve))
  await other.accounts.createAccount(account('ben'))
  await heard
  expect(announced).toBe(1)
})

test('check passes on a database that can be written, and writes to find out', async () => {
  const file = tempFile()
  const store = await openTempStore({ file })
  const dataVersion = openRaw(file).prepare('pragma data_version').pluck()
  const before = dataVersion.get()
  store.check()
  expect(dataVersion.get()).not.toBe(before)
})

test('check throws at once while another process holds the write lock, and recovers', async () => {
  const file = tempFile()
  const store = await openTempStore({ file })
  const other = openRaw(file)
  other.exec('begin immediate')
  const startedAt = performance.now()
  expect(() => store.check()).toThrow(/locked/)
  expect(performance.now() - startedAt).toBeLessThan(2500)
  other.exec('rollback')
  store.check()
})

test('check throws on a closed store', async () => {
  const store = await openTempStore()
  await store.close()
  expect(() => store.check()).toThrow()
})
