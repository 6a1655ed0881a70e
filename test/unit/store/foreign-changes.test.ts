import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createForeignChanges } from '../../../src/store/connection/foreign-changes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watch() {
  const database: { read: () => unknown } = { read: () => 1 }
  const changes = createForeignChanges(() => database.read(), 250)
  let announced = 0
  changes.onChange(() => announced++)
  return { database, changes, announced: () => announced }
}

test('a new version is announced once, at the next look', () => {
  const { database, announced } = watch()
  database.read = () => 2
  vi.advanceTimersByTime(249)
  expect(announced()).toBe(0)
  vi.advanceTimersByTime(1)
  expect(announced()).toBe(1)
  vi.advanceTimersByTime(1000)
  expect(announced()).toBe(1)
})

test('a look that fails is made up for by the next', () => {
  const { database, announced } = watch()
  database.read = () => {
    throw new Error('database is locked')
  }
  vi.advanceTimersByTime(250)
  expect(announced()).toBe(0)
  database.read = () => 2
  vi.advanceTimersByTime(250)
  expect(announced()).toBe(1)
})

test('every listener is told', () => {
  const { database, changes, announced } = watch()
  let second = 0
  changes.onChange(() => second++)
  database.read = () => 2
  vi.advanceTimersByTime(250)
  expect([announced(), second]).toEqual([1, 1])
})

test('nothing is read after it was stopped', () => {
  const { database, changes, announced } = watch()
  changes.stop()
  database.read = () => 2
  vi.advanceTimersByTime(1000)
  expect(announced()).toBe(0)
})

test('looks for nothing until somebody listens, and then tells of what came before', () => {
  let version = 1
  const changes = createForeignChanges(() => version, 250)
  expect(vi.getTimerCount()).toBe(0)
  version = 2
  let announced = 0
  changes.onChange(() => announced++)
  vi.advanceTimersByTime(250)
  expect(announced).toBe(1)
  changes.stop()
  expect(vi.getTimerCount()).toBe(0)
})
