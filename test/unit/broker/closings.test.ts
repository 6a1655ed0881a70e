import { expect, test } from 'vitest'
import { createClosings } from '../../../src/broker/sessions/closings.ts'

/** Sessions as far as closings ask for them, and what happens to each. */
function createSessions(count: number) {
  const closed: number[] = []
  const held: number[] = []
  const sessions = Array.from({ length: count }, (_, n) => ({
    closeReason: undefined as string | undefined,
    stream: { hold: () => held.push(n), sayFarewell() {} },
    client: { closed: false, close: () => closed.push(n) },
  }))
  const turns: (() => void)[] = []
  const closings = createClosings(act => turns.push(act))
  const end = (chosen: typeof sessions, reason: string) => closings.end(chosen as never, reason)
  return { sessions, closed, held, end, nextTurn: () => turns.shift()?.() }
}

test('a few sessions are closed at once', () => {
  const { sessions, closed, held, end } = createSessions(3)
  end(sessions, 'kicked')
  expect({ closed, held }).toEqual({ closed: [0, 1, 2], held: [] })
})

test('when many sessions are closed none is read from any more, each has its reason at once, and each turn closes a few', () => {
  const { sessions, closed, held, end, nextTurn } = createSessions(30)
  end(sessions, 'token-revoked')
  expect(held).toHaveLength(30)
  expect(sessions.every(({ closeReason }) => closeReason === 'token-revoked')).toBe(true)
  for (let turn = 1; turn < 4; turn++) {
    nextTurn()
    expect(closed).toHaveLength(turn * 8)
  }
  nextTurn()
  expect(closed).toEqual(sessions.map((_, n) => n))
})

test('sessions that are ended one by one in the same turn are closed a few in each turn too, and each once', () => {
  const { sessions, closed, end, nextTurn } = createSessions(20)
  for (const session of sessions) end([session], 'token-expired')
  end(sessions.slice(10), 'broker-stopping')
  expect(closed).toHaveLength(8)
  nextTurn()
  nextTurn()
  expect(closed).toEqual(sessions.map((_, n) => n))
  expect(sessions.at(-1)?.closeReason).toBe('token-expired')
})

test('a session that has ended by itself meanwhile is not closed again', () => {
  const { sessions, closed, end, nextTurn } = createSessions(9)
  end(sessions, 'kicked')
  for (const { client } of sessions.slice(0, 8)) client.closed = true
  nextTurn()
  expect(closed).toEqual([8])
})
