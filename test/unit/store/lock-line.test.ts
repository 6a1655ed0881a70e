import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DatabaseBusy } from '../../../src/domain/database-busy.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { createLockLine } from '../../../src/store/connection/lock-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A line to a database that another process locks whenever the test says so. */
function setUp({ patienceMs = 3000 } = {}) {
  const told: string[] = []
  const other = { writes: false, reads: false }
  const done: string[] = []
  const attempts = { count: 0 }
  const line = createLockLine({
    file: 'latchkey.db',
    patienceMs: () => patienceMs,
    onLocked: () => told.push('locked'),
    onFree: () => told.push('free'),
  })
  const work = (name: string, isWrite: boolean) => () => {
    attempts.count++
    if (isWrite ? other.writes : other.reads) throw new Database.SqliteError('database is locked', 'SQLITE_BUSY')
    done.push(name)
    return name
  }
  return {
    line,
    other,
    told,
    done,
    attempts,
    read: (name: string, user = {}) => line.run(user, work(name, false), false),
    write: (name: string, user = {}) => line.run(user, work(name, true), true),
    begin: (user: object) => line.begin(user, work('begin', true)),
  }
}

test('what meets a lock is done when the lock is gone, in order, and reads go on meanwhile', async () => {
  const { other, done, read, write } = setUp()
  other.writes = true
  const writes = [write('a'), write('b')]
  await read('r')
  await vi.advanceTimersByTimeAsync(1000)
  expect(done).toEqual(['r'])
  other.writes = false
  const last = write('c') // does not overtake
  await vi.advanceTimersByTimeAsync(100)
  expect(await Promise.all([...writes, last])).toEqual(['a', 'b', 'c'])
  expect(done).toEqual(['r', 'a', 'b', 'c'])
})

test('after the time that it is waited for it is busy, reads too', async () => {
  const { other, read, write } = setUp()
  other.writes = other.reads = true
  const outcomes = Promise.allSettled([write('a'), read('r')])
  await vi.advanceTimersByTimeAsync(3100)
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseBusy) })
})

test('a thousand that wait ask for the lock no oftener than one', async () => {
  const { other, attempts, write } = setUp()
  other.writes = true
  const outcomes = Promise.allSettled(Array.from({ length: 1000 }, (_, n) => write(`${n}`)))
  await vi.advanceTimersByTimeAsync(2000)
  expect(attempts.count).toBeLessThan(40)
  other.writes = false
  await vi.advanceTimersByTimeAsync(200)
  expect((await outcomes).every(({ status }) => status === 'fulfilled')).toBe(true)
})

test('nobody comes between the statements of a transaction, and then those that waited come in order', async () => {
  const { line, done, read, write, begin } = setUp()
  const user = {}
  await begin(user)
  const waiting = [write('b'), read('r')]
  await write('a', user)
  await vi.advanceTimersByTimeAsync(1000)
  expect(done).toEqual(['begin', 'a'])
  line.end(user)
  await Promise.all(waiting)
  expect(done).toEqual(['begin', 'a', 'r', 'b'])
})

test('a transaction that begins waits without keeping others from reading', async () => {
  const { other, done, line, read, begin } = setUp()
  other.writes = true
  const user = {}
  const begun = begin(user)
  await read('r')
  other.writes = false
  await vi.advanceTimersByTimeAsync(100)
  await begun
  expect(done).toEqual(['r', 'begin'])
  line.end(user)
})

test('a lock of a second is announced once, and so is its end', async () => {
  const { other, told, write } = setUp()
  other.writes = true
  const outcomes = Promise.allSettled([write('a')])
  await vi.advanceTimersByTimeAsync(900)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(2500)
  expect(told).toEqual(['locked'])
  await outcomes
  const again = write('b')
  await vi.advanceTimersByTimeAsync(1500)
  expect(told).toEqual(['locked'])
  other.writes = false
  await vi.advanceTimersByTimeAsync(100)
  await again
  expect(told).toEqual(['locked', 'free'])
})

test('what waits when it is closed is told', async () => {
  const { line, other, write } = setUp()
  other.writes = true
  const outcome = expect(write('a')).rejects.toThrow('latchkey.db is closed')
  line.close()
  await outcome
})
