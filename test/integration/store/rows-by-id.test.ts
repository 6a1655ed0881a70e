import { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { openSqlite } from '../../../src/sqlite/open-sqlite.ts'
import { createLockLine } from '../../../src/store/connection/lock-line.ts'
import { createPatientDialect } from '../../../src/store/connection/patient-dialect.ts'
import { createRowsById } from '../../../src/store/rows-by-id.ts'
import type { Tables } from '../../../src/store/tables.ts'
import { tempFile } from './open-temp-store.ts'

const openDb = () => {
  const line = createLockLine({ file: 'memory', patienceMs: () => 1000 })
  const sqlite = openSqlite(tempFile())
  sqlite.exec(
    "create table device (id text, name text); insert into device values ('lamp-1', 'Lamp'), ('lamp-2', 'Other')",
  )
  return new Kysely<Tables>({ dialect: createPatientDialect(sqlite, line) })
}

test('a look-up by id gives the rows of each id that it is asked for', async () => {
  const db = openDb()
  const namesById = createRowsById(db, id => db.selectFrom('device').select('name').where('id', '=', id))
  expect(await namesById('lamp-1')).toEqual([{ name: 'Lamp' }])
  expect(await namesById('lamp-2')).toEqual([{ name: 'Other' }])
  expect(await namesById("' or '1'='1")).toEqual([])
  await db.destroy()
})

test('a query with a value beside the id is refused, for the id would take its place', async () => {
  const db = openDb()
  const make = () =>
    createRowsById(db, id => db.selectFrom('device').select('name').where('id', '=', id).where('disabled', '=', 0))
  expect(make).toThrow('more values than an id')
  await db.destroy()
})
