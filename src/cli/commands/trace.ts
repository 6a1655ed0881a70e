import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import type { CommandContext } from '../command-context.ts'
import { connectOperator, operatorOptionTexts, tokenFor, urlOf } from '../operator-client.ts'
import { inAscii } from '../output/shown-value.ts'
import { textOfTraceLine, traceLineSchema } from '../output/trace-line.ts'

const optionsSchema = z.object({
  user: z.string().optional(),
  client: z.string().optional(),
  device: z.string().optional(),
  minutes: z.number(),
  url: z.string().optional(),
  operator: z.string().optional(),
  json: z.boolean().default(false),
})
type Options = z.output<typeof optionsSchema>

const startedSchema = z.object({ topic: z.string() })

/** `latchkey trace`: everything one client, user or device does on the running broker, for some minutes. */
export function registerTrace(program: Command, context: CommandContext): void {
  program
    .command('trace')
    .description('everything that one client, user or device does, live; Ctrl-C ends it')
    .option('--user <name>', 'this account')
    .option('--client <id>', 'this client')
    .option('--device <id>', 'this device')
    .option('--minutes <number>', 'how long, 1 to 60', minutes, 5)
    .option('--url <address>', operatorOptionTexts.url)
    .option('--operator <name>', operatorOptionTexts.operator)
    .option('--json', 'one JSON object a line')
    .action(async (given: unknown, command: Command) => {
      const options = optionsSchema.parse(given)
      const named = [options.user, options.client, options.device].filter(name => name !== undefined)
      if (named.length !== 1) command.error('error: give one of --client, --user, --device', { exitCode: 2 })
      const token = await tokenFor(context, options.operator)
      if (typeof token !== 'string') context.report(token, options.json)
      else await follow(context, options, token)
    })
}

function minutes(text: string): number {
  if (!/^([1-9]|[1-5]\d|60)$/.test(text)) throw new InvalidArgumentError('must be a whole number from 1 to 60')
  return Number(text)
}

async function follow(context: CommandContext, options: Options, token: string): Promise<void> {
  const { user, client: clientId, device, json } = options
  const client = await connectOperator('trace', options.url ?? urlOf(context.loadConfig()), token)
  try {
    const wanted = { user, client: clientId, device, minutes: options.minutes }
    const { topic } = startedSchema.parse(await client.request('ops/trace', wanted))
    const ended = new Promise<void>(resolve => {
      client.mqtt.on('message', (on, payload) => {
        const line = on === topic ? parseLine(payload) : undefined
        if (!line) return
        context.stdout.write(`${json ? inAscii(line) : textOfTraceLine(line)}\n`)
        if (line.what === 'ended') resolve()
      })
    })
    await client.mqtt.subscribeAsync(topic)
    await Promise.race([ended, context.untilStopped()])
  } finally {
    await client.end()
  }
}

function parseLine(payload: Buffer) {
  try {
    return traceLineSchema.safeParse(JSON.parse(payload.toString())).data
  } catch {
    return undefined
  }
}
