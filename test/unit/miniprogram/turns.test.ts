import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createListeners } from '../../../miniprogram/app/services/listeners.ts'
import { createOncePerTurn } from '../../../miniprogram/app/services/once-per-turn.ts'
import { createOneAtATime } from '../../../miniprogram/app/services/one-at-a-time.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a hundred changes of one turn are told once, and the next turn’s again', () => {
  const told = vi.fn()
  const changed = createOncePerTurn(told)
  for (let i = 0; i < 100; i++) changed()
  expect(told).not.toHaveBeenCalled()
  vi.runAllTimers()
  expect(told).toHaveBeenCalledTimes(1)
  changed()
  vi.runAllTimers()
  expect(told).toHaveBeenCalledTimes(2)
})

test('a listener that changes something while it is told is told again', () => {
  let told = 0
  const changed = createOncePerTurn(() => {
    if (++told === 1) changed()
  })
  changed()
  vi.runAllTimers()
  expect(told).toBe(2)
})

test('while one is under way, all who ask share the one after it', async () => {
  const answers: ((answer: number) => void)[] = []
  const ask = createOneAtATime(() => new Promise<number>(resolve => void answers.push(resolve)))
  const first = ask()
  const second = ask()
  const third = ask()
  expect(answers).toHaveLength(1)
  answers[0]?.(1)
  expect(await first).toBe(1)
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  const fourth = ask() // the second began before it was asked
  answers[1]?.(2)
  expect(await Promise.all([second, third])).toEqual([2, 2])
  await vi.waitFor(() => expect(answers).toHaveLength(3))
  answers[2]?.(3)
  expect(await fourth).toBe(3)
  void ask()
  expect(answers).toHaveLength(4)
})

test('a listener that throws keeps nothing from the others, and its error is not lost', () => {
  const { add, tell } = createListeners<[number]>()
  const heard: number[] = []
  add(() => {
    throw new Error('a page is broken')
  })
  const end = add(value => void heard.push(value))
  tell(1)
  end()
  tell(2)
  expect(heard).toEqual([1])
  expect(() => vi.runAllTimers()).toThrow('a page is broken')
})
