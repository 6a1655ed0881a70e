import { expect, test } from 'vitest'
import { createSpentCodes } from '../../../src/wechat/spent-codes.ts'

const fiveMinutes = 5 * 60_000

function createAt(startMs: number, capacity?: number) {
  let nowMs = startMs
  const codes = createSpentCodes({ now: () => nowMs, ...(capacity !== undefined && { capacity }) })
  return { ...codes, pass: (ms: number) => (nowMs += ms) }
}

test('a code is spent once', () => {
  const codes = createAt(1000)
  expect(codes.spend('a')).toBe(true)
  expect(codes.spend('a')).toBe(false)
  expect(codes.spend('b')).toBe(true)
})

test('a code is forgotten after five minutes, and not before', () => {
  const codes = createAt(1000)
  codes.spend('a')
  codes.pass(fiveMinutes - 1)
  expect(codes.spend('a')).toBe(false)
  codes.pass(1)
  expect(codes.spend('a')).toBe(true)
})

test('past the capacity the oldest is forgotten, and only the oldest', () => {
  const codes = createAt(1000, 2)
  codes.spend('a')
  codes.spend('b')
  expect(codes.spend('a')).toBe(false)
  codes.spend('c')
  expect(codes.spend('b')).toBe(false)
  expect(codes.spend('c')).toBe(false)
  expect(codes.spend('a')).toBe(true)
})
