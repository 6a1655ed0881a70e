import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanJson } from '../../../src/domain/json.ts'

/** Members of objects and elements of arrays, at any depth. */
const countValues = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, inner) => sum + 1 + countValues(inner), 0)
    : 0

const scan = (text: string) => scanJson(Buffer.from(text))

test.each([
  ['{}', 0, 0],
  ['{"a":1,"a":2}', 2, 2],
  ['{"a":[1,2,{"b":{}}],"c":[]}', 6, 3],
  ['{ "a" : [ ] , "b,:{[" : "\\",:]" }', 2, 2],
  ['{"a":[[],[],[[]]]}', 5, 1],
])('%s holds %i values, %i of them with keys', (text, values, keys) => {
  expect(scan(text)).toEqual({ values, keys })
})

test('what JSON.stringify writes is counted without being parsed, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(3), (value, space) => {
      expect(scan(JSON.stringify(value, null, space)).values).toBe(countValues(JSON.parse(JSON.stringify(value))))
    }),
  )
})

test('bytes that are no JSON at all are counted too, and never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void scanJson(bytes)))
})
