import { expect, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { holdLock } from '../../support/abuse/hold-lock.ts'
import { tempFile } from '../store/open-temp-store.ts'

test('a lock is held by another process until it is told to let go', async () => {
  const file = tempFile()
  const sqlite = new Database(file, { timeout: 0 })
  sqlite.exec('create table note (text)')
  await using lock = await holdLock(file, 'begin immediate')
  const write = () => sqlite.exec("insert into note values ('x')")
  expect(write).toThrow('database is locked')
  await lock.release()
  write()
  sqlite.close()
})

test('a lock that cannot be had is told', async () => {
  await expect(holdLock(tempFile(), 'begin nonsense')).rejects.toThrow('ended with 1')
})
