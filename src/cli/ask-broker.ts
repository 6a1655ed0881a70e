import type { Command } from 'commander'
import * as z from 'zod'
import type { CommandAnswer, CommandContext } from './command-context.ts'
import { connectOperator, type OperatorClient, operatorOptionTexts, tokenFor, urlOf } from './operator-client.ts'

/** The options that {@link asOperator} adds. */
export const brokerOptions = z.object({ url: z.string().optional(), operator: z.string().optional() })

/** Adds the options of a command that asks the running broker: where the broker is, and who asks. */
export const asOperator = (command: Command): Command =>
  command.option('--url <address>', operatorOptionTexts.url).option('--operator <name>', operatorOptionTexts.operator)

/** Asks the running broker, under a client id that begins with `name`. Rejects with the broker's message when it refuses. */
export async function askBroker(
  context: CommandContext,
  name: string,
  { url, operator }: z.output<typeof brokerOptions>,
  use: (client: OperatorClient) => Promise<CommandAnswer>,
): Promise<CommandAnswer> {
  const token = await tokenFor(context, operator)
  if (typeof token !== 'string') return token
  const client = await connectOperator(name, url ?? urlOf(context.loadConfig()), token)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
