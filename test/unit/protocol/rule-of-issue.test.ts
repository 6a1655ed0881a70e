import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { ruleOfIssue } from '../../../src/protocol/rule-of-issue.ts'

const ruleFor = (schema: z.ZodMiniType, value: unknown): string | undefined => {
  const [issue] = schema.safeParse(value).error?.issues ?? []
  return issue && ruleOfIssue(issue)
}

test.each([
  [z.string(), 5, 'must be a string'],
  [z.number(), 'x', 'must be a number'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.array(z.string()), {}, 'must be a list'],
  [z.object({}), [], 'must be an object'],
  [z.enum(['a', 'b']), 'c', 'must be one of a, b'],
  [z.literal('a'), 'c', 'must be a'],
  [z.string().check(z.minLength(2)), '', 'must have at least 2 characters'],
  [z.string().check(z.maxLength(2)), 'abc', 'must have at most 2 characters'],
  [z.array(z.string()).check(z.maxLength(1)), ['a', 'b'], 'must have at most 1 entries'],
  [z.int().check(z.minimum(1)), 0, 'must be at least 1'],
  [z.int().check(z.maximum(9)), 10, 'must be at most 9'],
  [z.union([z.string(), z.number()]), true, 'cannot be used'],
  [z.string().check(z.regex(/^a$/, 'must be an a')), 'b', 'must be an a'],
])('%o of %j says the rule in words', (schema, value, rule) => {
  expect(ruleFor(schema, value)).toBe(rule)
})
