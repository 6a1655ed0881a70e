import type { Command } from 'commander'
import * as z from 'zod'
import type { Explanation } from '../domain/explain.ts'
import { isRefusal } from '../domain/refusal.ts'
import { messageOf } from '../protocol/codes.ts'
import { explainOperations } from '../protocol/operations/explain.ts'
import { alignColumns } from './align-columns.ts'
import { answers, type CommandContext } from './command-context.ts'

const questionSchema = explainOperations['ops/explain'].request
const name = z.string().optional()
const optionsSchema = z.object({
  user: name,
  device: name,
  service: name,
  acl: name,
  client: name,
  publish: name,
  subscribe: name,
  deliver: name,
  retain: z.boolean().optional(),
})

/** `latchkey explain`: may they do that, and which rule says so. */
export function registerExplain(program: Command, context: CommandContext): void {
  const command = program
    .command('explain')
    .description(
      'whether somebody may do something, and the rule that says so; without a name it is asked about a guest',
    )
    .option('--user <name>', 'as this account')
    .option('--device <id>', 'as this device')
    .option('--service <name>', 'as this integration, with --acl')
    .option('--acl <json>', 'the acl claim of its token, as token inspect shows it')
    .option('--client <id>', 'the client id that they connect with')
    .option('--publish <topic>', 'may they publish there?')
    .option('--subscribe <filter>', 'may they subscribe to that?')
    .option('--deliver <topic>', 'would they be sent a message on it?')
    .option('--retain', 'with the retain flag')
  answers(command, context, optionsSchema, async (_names, { client, acl, ...options }) => {
    const given = { ...options, clientId: client, ...(acl !== undefined && { acl: jsonOf(acl) }) }
    const question = questionSchema.safeParse(given)
    if (!question.success) {
      const [issue] = question.error.issues
      return { refused: `--${String(issue?.path[0] ?? '')}: ${issue?.message ?? 'cannot be used'}` }
    }
    const explanation = await context.withBackend(backend => backend.explain(question.data))
    if (isRefusal(explanation)) return { refused: messageOf(explanation.refused, 'en', explanation.detail) }
    return { value: explanation, text: textOf(explanation) }
  })
}

/** What is no JSON stays what it is, and is refused for that. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const textOf = ({ allowed, rule, because, as, role, notes }: Explanation): string =>
  alignColumns([
    [allowed ? 'allowed' : 'refused', `by rule ${rule}`],
    ['because', because],
    ['as', as],
    ...(role === undefined ? [] : [['role', role ?? 'none: the device is not theirs']]),
    ...notes.map(note => ['note', note.replaceAll('-', ' ')]),
  ])
