import type { Command } from 'commander'
import * as z from 'zod'
import type { Explanation } from '../../domain/explain.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { ruleMeaning } from '../../domain/rule-meaning.ts'
import { connectRefusals, isConnectRefusal } from '../../domain/sign-in.ts'
import { explainOperations } from '../../protocol/operations/explain.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { alignColumns } from '../output/align-columns.ts'
import { connectRefusalMeanings } from '../output/connect-refusal-meanings.ts'
import { shownValue } from '../output/shown-value.ts'

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
  reason: name,
})

/** `latchkey explain`: whether somebody may do something, and which rule says so. */
export function registerExplain(program: Command, context: CommandContext): void {
  const command = program
    .command('explain')
    .description('whether somebody may do something, and which rule says so; without a name, about a guest')
    .option('--user <name>', 'as this account')
    .option('--device <id>', 'as this device')
    .option('--service <name>', 'as this integration, with --acl')
    .option('--acl <json>', 'the acl claim of its token, as `token inspect` shows it')
    .option('--client <id>', 'the client id that they connect with')
    .option('--publish <topic>', 'may they publish there?')
    .option('--subscribe <filter>', 'may they subscribe to that?')
    .option('--deliver <topic>', 'would they be sent a message on it?')
    .option('--retain', 'with the retain flag')
    .option('--reason <word>', 'alone: what a reason or rule in the log means')
  answers(command, context, optionsSchema, async (_names, { client, acl, reason, ...options }) => {
    if (reason !== undefined) return meaningOf(reason)
    const given = { ...options, clientId: client, ...(acl !== undefined && { acl: jsonOf(acl) }) }
    const { user, device, service, publish, subscribe, deliver } = options
    if (count(publish, subscribe, deliver) !== 1) command.error('error: give one of --publish, --subscribe, --deliver')
    if (count(user, device, service) > 1)
      command.error('error: give one of --user, --device, --service, or none of them for a guest')
    const question = questionSchema.safeParse(given)
    if (!question.success) return { refused: whyNoQuestion(String(question.error.issues[0]?.path[0] ?? '')) }
    const explanation = await context.withBackend(backend => backend.explain(question.data))
    if (!isRefusal(explanation)) return { value: explanation, text: textOf(explanation) }
    return {
      refused:
        device === undefined
          ? `there is no user named ${shownValue(user)}`
          : `there is no device ${shownValue(device)}`,
    }
  })
}

const count = (...given: readonly (string | undefined)[]): number => given.filter(one => one !== undefined).length

const rules: Readonly<Record<string, string>> = {
  user: 'must be a user name, 1 to 64 characters',
  device: 'must be a device id, 1 to 64 of A-Z a-z 0-9 _ . : -',
  service: 'must be the name of an integration, 1 to 64 of A-Z a-z 0-9 _ . : -',
  acl: 'must be JSON, the acl claim of a token as token inspect shows it',
  clientId: 'must be a client id, 1 to 256 bytes without #, + and control characters',
}

/** `field` is the name of an option's value on the wire. */
const whyNoQuestion = (field: string): string =>
  `--${field === 'clientId' ? 'client' : field} ${rules[field] ?? 'must be a topic of 1 to 1024 characters'}`

function meaningOf(reason: string): CommandAnswer {
  const refusal = isConnectRefusal(reason) ? reason : undefined
  const because = refusal ? connectRefusalMeanings[refusal] : ruleMeaning(reason)
  if (!because) return { refused: `there is no reason or rule ${shownValue(reason)}` }
  const returnCode = refusal && connectRefusals[refusal]
  return {
    value: { reason, because, ...(returnCode !== undefined && { returnCode }) },
    text: alignColumns([
      ['reason', reason],
      ...(returnCode === undefined ? [] : [['CONNACK', `${returnCode}`]]),
      ['because', because],
    ]),
  }
}

/** Text that is not JSON stays as it is, and is refused by the schema. */
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
