import { Kysely } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { DatabaseBusy } from '../../../src/domain/database-busy.ts'
import { openSqlite } from '../../../src/sqlite/open-sqlite.ts'
import { createLockLine } from '../../../src/store/connection/lock-line.ts'
import { createPatientDialect } from '../../../src/store/connection/patient-dialect.ts'
import { tempFile } from './open-temp-store.ts'

interface Notes {
  note: { text: string }
}

function openNotes(file = tempFile(), patienceMs = 5000) {
  const sqlite = openSqlite(file, { busyTimeoutMs: 0 })
  onTestFinished(() => void sqlite.close())
  sqlite.exec('create table if not exists note (text)')
  const db = new Kysely<Notes>({
    dialect: createPatientDialect(sqlite, createLockLine({ file, patienceMs: () => patienceMs })),
  })
  const add = (...texts: string[]) =>
    db.transaction().execute(async transaction => {
      for (const text of texts) await transaction.insertInto('note').values({ text }).execute()
    })
  return { sqlite, db, add }
}

test('a full disk is reported as such, and writing goes on when there is room again', async () => {
  const { sqlite, db, add } = openNotes()
  sqlite.pragma('max_page_count = 3')
  await expect(add('kept out', 'x'.repeat(50_000))).rejects.toMatchObject({ code: 'SQLITE_FULL' })
  sqlite.pragma('max_page_count = 300')
  await add('y'.repeat(50_000))
  expect(await db.selectFrom('note').select('text').execute()).toEqual([{ text: 'y'.repeat(50_000) }])
})

test('a transaction takes the write lock when it begins', async () => {
  const file = tempFile()
  const { db } = openNotes(file)
  const other = openNotes(file, 20)
  await db.transaction().execute(async transaction => {
    await transaction.selectFrom('note').select('text').execute()
    await expect(other.add('too late')).rejects.toThrow(DatabaseBusy)
  })
  await other.add('in time')
})

test('a statement is prepared once however often it runs, and not kept for ever when many others come', async () => {
  const { sqlite, db } = openNotes()
  const prepared: string[] = []
  const prepare = sqlite.prepare.bind(sqlite)
  sqlite.prepare = (text: string) => {
    prepared.push(text)
    return prepare(text)
  }
  const select = (value: number) => db.selectFrom('note').select(({ lit }) => lit(value).as('text'))
  const timesPrepared = () => prepared.filter(text => text === select(0).compile().sql).length
  for (let run = 0; run < 5; run++) await select(0).execute()
  expect(timesPrepared()).toBe(1)
  for (let value = 1; value <= 500; value++) await select(value).execute()
  await select(0).execute()
  expect(timesPrepared()).toBe(2)
})
