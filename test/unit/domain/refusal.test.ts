import { expect, test } from 'vitest'
import { isRefusal, refuse } from '../../../src/domain/refusal.ts'

test('what refuse makes is a refusal', () => {
  expect(isRefusal(refuse(2001, { detail: 'id' }))).toBe(true)
})

test.each<[string, unknown]>([
  ['data of a reply with the key `refused`', { refused: 3 }],
  ['data with all keys of a refusal', { refused: 4029, detail: 'name', retryAfterSeconds: 1 }],
  ['a text', 'refused'],
  ['nothing', undefined],
])('%s is none', (_what, value) => {
  expect(isRefusal(value)).toBe(false)
})
