/** What zod says of a value, as far as the rule can be told from it. */
export interface ValueIssue {
  readonly code?: string | undefined
  readonly message: string
  readonly expected?: unknown
  readonly values?: readonly unknown[]
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
}

/** Zod's own words, which tell a person nothing; a schema's own message begins otherwise. */
const libraryWords = /^(Invalid|Too (big|small)|Unrecognized)/

const kinds: Readonly<Record<string, string>> = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
}

const counted: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', number: '' }

/** The rule that a value breaks, in words that follow its name: the schema's own, or what can be told of it. */
export function ruleOfIssue(issue: ValueIssue): string {
  if (!libraryWords.test(issue.message)) return issue.message
  const { code, expected, values, origin = '', minimum, maximum } = issue
  if (code === 'invalid_value' && values) return `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`
  if (code === 'invalid_type') return kinds[String(expected)] ?? 'must be a value of another kind'
  const unit = counted[origin]
  const must = unit === '' ? 'must be' : 'must have'
  if (code === 'too_small' && unit !== undefined) return `${must} at least ${minimum}${unit}`
  if (code === 'too_big' && unit !== undefined) return `${must} at most ${maximum}${unit}`
  return 'cannot be used'
}
