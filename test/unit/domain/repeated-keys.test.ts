import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasRepeatedKey, isJsonObject, parseJsonObject, scanJson } from '../../../src/domain/json.ts'

const isRepeated = (text: string) => {
  const bytes = Buffer.from(text)
  const value = parseJsonObject(bytes)
  if (!value) throw new Error(`no JSON object: ${text}`)
  return hasRepeatedKey(scanJson(bytes), value)
}

test.each([
  '{"brightness":9999,"brightness":50}',
  '{"brightness":9999,"\\u0062rightness":50}',
  '{"a":{"b":1,"b":2}}',
  '{"a":[{"b":1},[{"c":0,"c":{}}]]}',
  '{"__proto__":1,"__proto__":2}',
  '{"":1,"":2}',
  '{"a\\"":1,"a\\"":2}',
  '{"\\\\":1,"\\\\":2}',
  '{ "a" : 1 , "a" : 1 }',
])('%s has a key twice', text => {
  expect(isRepeated(text)).toBe(true)
})

test.each([
  '{}',
  '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
  '{"a":"\\":\\":","b:":":","c\\\\":"\\\\:"}',
  '{"__proto__":{"constructor":1},"constructor":2}',
  '{"ключ":"знач:ение","键":"：:"}',
])('%s has every key once', text => {
  expect(isRepeated(text)).toBe(false)
})

const objects = fc.jsonValue({ maxDepth: 4 }).filter(isJsonObject)

test('what JSON.stringify writes has no key twice, whatever stands in it', () => {
  fc.assert(fc.property(objects, fc.nat(3), (value, space) => !isRepeated(JSON.stringify(value, null, space))))
})

test('a member that is written once more is found, wherever it stands', () => {
  fc.assert(
    fc.property(objects, fc.string(), fc.jsonValue(), (value, key, other) => {
      const member = (inner: unknown) => `${JSON.stringify(key)}:${JSON.stringify(inner)}`
      return isRepeated(`{"outer":[{${member(value)},"between":0,${member(other)}}]}`) || key === 'between'
    }),
  )
})

test('a hundred thousand keys, and a hundred thousand levels, take no stack', () => {
  const levels = 100_000
  expect(isRepeated(`{"a":${'['.repeat(levels)}{"b":1,"b":1}${']'.repeat(levels)}}`)).toBe(true)
  expect(isRepeated(`{${Array.from({ length: levels }, (_, i) => `"k${i}":0`).join()}}`)).toBe(false)
})
