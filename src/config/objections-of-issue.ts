import type * as z from 'zod'
import { ruleOfIssue } from '../protocol/rule-of-issue.ts'
import type { Objection } from './objection.ts'

/** Longer values are never repeated: a secret may stand in the wrong place. */
const maxShownLength = 24
/** What may hold a password, however short it is. */
const neverShown: ReadonlySet<string> = new Set([
  'wechat.secret',
  'wechat.base',
  'publicUrl',
  'database.url',
  'nats.url',
])

/** What is wrong in the configuration: the rule, and what was given, where the issue holds it (`reportInput`). A key that does not exist is an objection of its own, so that a typo names itself. */
export function objectionsOfIssue(issue: z.core.$ZodIssue): Objection[] {
  const key = issue.path.join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(name => ({ key: key ? `${key}.${name}` : name, message: 'there is no such setting' }))
  const rule = ruleOfIssue(issue)
  const given = neverShown.has(key) ? undefined : shown(issue.input)
  return [{ key, message: given === undefined ? rule : `${rule}, not ${given}` }]
}

/** A value in a sentence; undefined when it must not, or need not, stand there. */
function shown(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length <= maxShownLength + 2 && /^[ -~]+$/.test(text) ? text : undefined
}
