import type { Command } from 'commander'
import * as z from 'zod'
import { alignColumns } from './align-columns.ts'
import { type Answer, answers, type CommandContext } from './command-context.ts'
import { connectOperator, type OperatorClient, operatorOptionTexts, tokenFor, urlOf } from './operator-client.ts'
import { shownValue } from './shown-value.ts'

const brokerOptions = z.object({ url: z.string().optional(), operator: z.string().optional() })
const listOptions = brokerOptions.extend({ search: z.string().optional() })

const pageSchema = z.object({
  total: z.number(),
  sessions: z.array(
    z.looseObject({
      clientId: z.string(),
      kind: z.string(),
      name: z.string(),
      connected: z.boolean(),
      suspended: z.boolean(),
      awaySince: z.number().nullable(),
      queued: z.number(),
    }),
  ),
})
type Row = z.output<typeof pageSchema>['sessions'][number]
const rowsPerPage = 200

/** `latchkey session …`: what the running broker keeps for clients that are away. */
export function registerSessionCommands(program: Command, context: CommandContext): void {
  const group = program.command('session').description('what the running broker keeps for clients that are away')
  const asOperator = (command: Command) =>
    command.option('--url <address>', operatorOptionTexts.url).option('--operator <name>', operatorOptionTexts.operator)

  const stored = group.command('stored').description('the stored sessions, by client id')
  stored.option('--search <text>', 'only those with that in the client id or the name')
  answers(asOperator(stored), context, listOptions, (_names, { search, ...options }) =>
    ask(context, options, async client => {
      const rows = await allRows(client, search)
      return { value: rows, text: tableOf(rows) }
    }),
  )

  const forget = group.command('forget').argument('<client>', 'client id')
  forget.description('wipe a stored session with everything that waits for it; its client id is free then')
  answers(asOperator(forget), context, brokerOptions, ([clientId = ''], options) =>
    ask(context, options, async client => {
      await client.request('ops/session/forget', { clientId })
      return {
        value: { clientId },
        text: `The session of ${shownValue(clientId)} is forgotten, with what waited for it.`,
      }
    }),
  )
}

/** Rejects with what the broker says when it refuses. */
async function ask(
  context: CommandContext,
  { url, operator }: z.output<typeof brokerOptions>,
  use: (client: OperatorClient) => Promise<Answer>,
): Promise<Answer> {
  const token = await tokenFor(context, operator)
  if (typeof token !== 'string') return token
  const client = await connectOperator('session', url ?? urlOf(context.loadConfig()), token)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

async function allRows(client: OperatorClient, search: string | undefined): Promise<readonly Row[]> {
  const rows: Row[] = []
  while (true) {
    const page = { offset: rows.length, limit: rowsPerPage, ...(search !== undefined && { search }) }
    const { sessions } = pageSchema.parse(await client.request('ops/session/stored', page))
    rows.push(...sessions)
    if (sessions.length < rowsPerPage) return rows
  }
}

function tableOf(rows: readonly Row[]): string {
  if (rows.length === 0) return 'No stored sessions.'
  const cells = rows.map(({ clientId, kind, name, connected, suspended, awaySince, queued }) => [
    kind,
    shownValue(name),
    connected ? 'connected' : new Date(awaySince ?? 0).toISOString(),
    suspended ? 'no' : 'yes',
    `${queued}`,
    shownValue(clientId),
  ])
  return alignColumns([['KIND', 'NAME', 'AWAY SINCE', 'RIGHTS', 'QUEUED', 'CLIENT ID'], ...cells])
}
