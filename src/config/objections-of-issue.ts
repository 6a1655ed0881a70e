import type * as z from 'zod'
import { ruleOfIssue } from '../protocol/rule-of-issue.ts'
import type { Objection } from './objection.ts'

/** Longer values are never repeated: one may be a secret in the wrong place. */
const maxShownLength = 24
/** Matches values that may contain a password, however short. */
const neverShown: ReadonlySet<string> = new Set([
  'wechat.secret',
  'wechat.base',
  'publicUrl',
  'database.url',
  'nats.url',
])

/** Turns an issue of the schema into objections: the rule, and the given value if the issue has it (`reportInput`). Every unknown key is an objection of its own. */
export function objectionsOfIssue(issue: z.core.$ZodIssue): Objection[] {
  const key = issue.path.join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(name => ({ key: key ? `${key}.${name}` : name, message: 'there is no such setting' }))
  const rule = ruleOfIssue(issue)
  const given = neverShown.has(key) ? undefined : shown(issue.input)
  return [{ key, message: given === undefined ? rule : `${rule}, not ${given}` }]
}

/** A value as part of a sentence; undefined when it must not, or need not, be shown. */
function shown(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length <= maxShownLength + 2 && /^[ -~]+$/.test(text) ? text : undefined
}
