import { expect, test } from 'vitest'
import { createTurnWork } from '../../../src/broker/transport/turn-work.ts'

function createInTurns() {
  const next: (() => void)[] = []
  const work = createTurnWork(act => next.push(act))
  const turn = () => {
    for (const act of next.splice(0)) act()
  }
  return { work, turn, isArmed: () => next.length > 0 }
}

test('a turn takes work until it has had enough, and the next one takes more', () => {
  const { work, turn } = createInTurns()
  work.done(499)
  expect(work.isSpent).toBe(false)
  work.done(1)
  expect(work.isSpent).toBe(true)
  turn()
  expect(work.isSpent).toBe(false)
})

test('waiting clients go on in the order of asking, once, as far as each turn has room', () => {
  const { work, turn } = createInTurns()
  const went: string[] = []
  const clients = ['a', 'b', 'c'].map(name => () => {
    went.push(name)
    work.done(250)
  })
  work.done(500)
  for (const goOn of [...clients, ...clients]) work.later(goOn)
  turn()
  expect(went).toEqual(['a', 'b'])
  turn()
  expect(went).toEqual(['a', 'b', 'c'])
})

test('a client that comes while others wait is behind them, although the turn has room', () => {
  const { work, turn } = createInTurns()
  const found: boolean[] = []
  work.later(() => found.push(work.isSpent))
  expect(work.isSpent).toBe(true)
  turn()
  expect(found).toEqual([false])
  expect(work.isSpent).toBe(false)
})

test('a client that asks again while it goes on waits for the next turn, and the event loop is left alone when none waits', () => {
  const { work, turn, isArmed } = createInTurns()
  let times = 0
  const goOn = () => {
    if (++times === 1) work.later(goOn)
  }
  work.later(goOn)
  turn()
  expect(times).toBe(1)
  turn()
  expect(times).toBe(2)
  turn()
  expect(isArmed()).toBe(false)
})

test('one that fails takes nobody else’s turn', () => {
  const { work, turn } = createInTurns()
  let went = false
  work.later(() => {
    throw new Error('failed')
  })
  work.later(() => {
    went = true
  })
  expect(turn).toThrow('failed')
  turn()
  expect(went).toBe(true)
})
