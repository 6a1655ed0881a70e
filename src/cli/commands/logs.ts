import { type Command, Option } from 'commander'
import * as z from 'zod'
import { harmlessText } from '../../log/log.ts'
import { logLevels } from '../../protocol/log-topic.ts'
import { topics } from '../../protocol/topics.ts'
import type { CommandContext } from '../command-context.ts'
import { connectOperator, type OperatorClient, operatorOptionTexts, tokenFor, urlOf } from '../operator-client.ts'
import { type LineFilter, matchesLine, type ShownLine, shownLineSchema, textOfLine } from '../output/log-line.ts'

const optionsSchema = z.object({
  level: z.enum(logLevels),
  user: z.string().optional(),
  client: z.string().optional(),
  device: z.string().optional(),
  url: z.string().optional(),
  operator: z.string().optional(),
  json: z.boolean().default(false),
})
type Options = z.output<typeof optionsSchema>

const usersSchema = z.object({ users: z.array(z.object({ id: z.string(), username: z.string() })) })

/** `latchkey logs --follow`: the log of a running broker as it is written, over MQTT. */
export function registerLogs(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .description('the live log of the running broker; Ctrl-C ends it')
    .requiredOption('--follow', 'from now on (earlier lines are where the stdout of the broker goes)')
    .addOption(new Option('--level <level>', 'lowest level').choices(logLevels).default('info'))
    .option('--user <name>', 'only lines about this account')
    .option('--client <id>', 'only lines about this client')
    .option('--device <id>', 'only lines about this device')
    .option('--url <address>', operatorOptionTexts.url)
    .option('--operator <name>', operatorOptionTexts.operator)
    .option('--json', 'one JSON object a line')
    .action(async (given: unknown) => {
      const options = optionsSchema.parse(given)
      const token = await tokenFor(context, options.operator)
      if (typeof token !== 'string') context.report(token, options.json)
      else await follow(context, options, token)
    })
}

async function follow(context: CommandContext, options: Options, token: string): Promise<void> {
  const client = await connectOperator('logs', options.url ?? urlOf(context.loadConfig()), token)
  try {
    const userId = options.user === undefined ? undefined : await userIdOf(client, options.user)
    if (options.user !== undefined && userId === undefined) {
      context.report({ refused: `there is no user named ${JSON.stringify(options.user)}` }, options.json)
      return
    }
    const filter: LineFilter = {
      userId,
      clientId: options.client && harmlessText(options.client),
      deviceId: options.device,
    }
    client.mqtt.on('message', (_topic, payload) => {
      const line = parseLine(payload)
      if (!line || !matchesLine(line, filter)) return
      context.stdout.write(options.json ? `${JSON.stringify(line)}\n` : `${textOfLine(line)}\n`)
    })
    const levels = logLevels.slice(logLevels.indexOf(options.level))
    await client.mqtt.subscribeAsync(levels.map(level => topics.log(level, '+'))).catch((cause: unknown) => {
      throw new Error("the broker does not show its log: is the token an operator's?", { cause })
    })
    await context.untilStopped()
  } finally {
    await client.end()
  }
}

/** Asks the broker for the id of an account. */
async function userIdOf(client: OperatorClient, username: string): Promise<string | undefined> {
  const { users } = usersSchema.parse(await client.request('ops/users', { search: username, limit: 200 }))
  return users.find(user => user.username === username)?.id
}

function parseLine(payload: Buffer): ShownLine | undefined {
  try {
    return shownLineSchema.safeParse(JSON.parse(payload.toString())).data
  } catch {
    return undefined
  }
}
