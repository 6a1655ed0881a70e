import { expect, test } from 'vitest'
import { createTurns } from '../../../src/broker/router/turns.ts'

/** Turns that come when they are asked for. */
function setUp() {
  const scheduled: (() => void)[] = []
  const turns = createTurns(next => void scheduled.push(next))
  return { turns, scheduled, nextTurn: () => scheduled.shift()?.() }
}

test('work that throws takes no other work with it', () => {
  const { turns, nextTurn } = setUp()
  const done: string[] = []
  const note = (name: string) => () => done.push(name) > 10
  turns.run(note('before'))
  turns.run(() => {
    throw new Error('no')
  })
  turns.run(note('after'))
  expect(nextTurn).toThrow('no')
  nextTurn()
  expect(done).toEqual(['before', 'after'])
})

test('what takes long goes on in the next turn, after everybody else had a share', () => {
  const { turns, scheduled, nextTurn } = setUp()
  const done: string[] = []
  const long = (name: string) => () => {
    done.push(name)
    for (const end = performance.now() + 5; performance.now() < end; );
    return done.length < 6
  }
  turns.run(long('a'))
  turns.run(long('b'))
  while (scheduled.length > 0) nextTurn()
  expect(done.slice(0, 6)).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
})
