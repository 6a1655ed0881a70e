import { expect, test } from 'vitest'
import { NotStored } from '../../../src/domain/mqtt-store.ts'
import { createGroupCommit } from '../../../src/persistence/group-commit.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'

function setUp() {
  const sqlite = new Database(':memory:')
  sqlite.exec('create table t (n integer primary key)')
  const count = () => sqlite.prepare<[], number>('select count(*) from t').pluck().get()
  const insert = (n: number) => void sqlite.prepare('insert into t values (?)').run(n)
  return { sqlite, commit: createGroupCommit(sqlite), count, insert }
}

test('what one turn writes is one transaction, and is committed at its end', async () => {
  const { sqlite, commit, insert } = setUp()
  commit.write(() => insert(1))
  await Promise.resolve()
  commit.write(() => insert(2))
  expect(sqlite.inTransaction).toBe(true)
  await commit.committed()
  expect(sqlite.inTransaction).toBe(false)
})

test('a fault of the database undoes all of the turn, and who waits for any of it hears of it', async () => {
  const { commit, insert, count } = setUp()
  const acts: string[] = []
  commit.write(() => {
    insert(1)
    commit.afterCommit(() => acts.push('1'))
  })
  const waiting = commit.committed()
  expect(() => commit.write(() => insert(1))).toThrow('UNIQUE')
  await expect(waiting).rejects.toThrow('UNIQUE')
  expect([count(), acts, commit.undone]).toEqual([0, [], 1])

  commit.write(() => insert(3))
  await commit.committed()
  expect([count(), commit.fault]).toEqual([1, undefined])
})

test('a change that cannot be made as things are leaves the turn alone', async () => {
  const { commit, insert, count } = setUp()
  commit.write(() => insert(1))
  expect(() =>
    commit.write(() => {
      throw new NotStored('no such packet')
    }),
  ).toThrow('no such packet')
  await commit.committed()
  expect(count()).toBe(1)
})
