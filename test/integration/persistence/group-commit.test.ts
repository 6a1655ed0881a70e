import { expect, test } from 'vitest'
import { createGroupCommit } from '../../../src/persistence/group-commit.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'

function setUp(onFault?: (cause: unknown) => void) {
  const sqlite = new Database(':memory:')
  sqlite.exec('create table t (n integer primary key)')
  const count = () => sqlite.prepare<[], number>('select count(*) from t').pluck().get()
  const insert = (n: number) => void sqlite.prepare('insert into t values (?)').run(n)
  return { sqlite, commit: createGroupCommit(sqlite, { onFault }), count, insert }
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

test('what an act after a commit has done after it comes behind the other acts of that turn', async () => {
  const { commit, insert } = setUp()
  const acts: string[] = []
  commit.write(() => insert(1))
  commit.afterCommit(() => {
    acts.push('first')
    commit.afterCommit(() => acts.push('first of the first'))
  })
  commit.afterCommit(() => acts.push('second'))
  await commit.committed()
  expect(acts).toEqual(['first', 'second', 'first of the first'])
})

test('an act after a commit that throws keeps no other from being done, nor anybody from hearing that it is kept', async () => {
  const faults: unknown[] = []
  const { commit, insert, count } = setUp(cause => faults.push(cause))
  const acts: string[] = []
  commit.write(() => insert(1))
  commit.afterCommit(() => acts.push('before'))
  commit.afterCommit(() => {
    throw new Error('this act failed')
  })
  commit.write(() => insert(2))
  commit.afterCommit(() => acts.push('behind'))
  await commit.committed()
  expect({ acts, count: count(), undone: commit.undone, fault: commit.fault }).toEqual({
    acts: ['before', 'behind'],
    count: 2,
    undone: 0,
    fault: undefined,
  })
  expect(faults.map(String)).toEqual(['Error: this act failed'])
  commit.write(() => insert(3))
  await commit.committed()
  expect(count()).toBe(3)
})

test('when a turn is undone everybody is told, though one of them throws', async () => {
  const faults: unknown[] = []
  const { sqlite, commit, insert, count } = setUp(cause => faults.push(cause))
  const undone: string[] = []
  const note = (name: string) => () => void undone.push(name)
  const fail = (): void => {
    throw new Error('not this one')
  }
  commit.onUndone(fail)
  commit.onUndone(note('listener'))
  commit.write(() => insert(1))
  commit.afterCommit(note('committed'), fail)
  commit.afterCommit(note('committed'), note('act'))
  const waiting = commit.committed()
  expect(() => commit.write(() => insert(1))).toThrow('UNIQUE')
  await expect(waiting).rejects.toThrow('UNIQUE')
  expect({ undone, count: count(), isOpen: sqlite.inTransaction }).toEqual({
    undone: ['listener', 'act'],
    count: 0,
    isOpen: false,
  })
  expect(faults).toHaveLength(2)
})

test('a fault within a write that is part of another undoes the turn once', async () => {
  const { commit, insert, count } = setUp()
  let undone = 0
  commit.write(() => insert(1))
  commit.afterCommit(
    () => {},
    () => undone++,
  )
  expect(() => commit.write(() => commit.write(() => insert(1)))).toThrow('UNIQUE')
  expect([undone, commit.undone, count()]).toEqual([1, 1, 0])
})

test('a bug in one write undoes the turn, and who wrote before and behind it hears of that', async () => {
  const { commit, insert, count } = setUp()
  commit.write(() => insert(1))
  const before = commit.committed()
  expect(() =>
    commit.write(() => {
      insert(2)
      throw new TypeError('a bug')
    }),
  ).toThrow('a bug')
  await expect(before).rejects.toThrow('a bug')
  commit.write(() => insert(3))
  await commit.committed()
  expect(count()).toBe(1)
})
