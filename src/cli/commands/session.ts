import type { Command } from 'commander'
import * as z from 'zod'
import { askBroker, asOperator, brokerOptions } from '../ask-broker.ts'
import { answers, type CommandContext } from '../command-context.ts'
import type { OperatorClient } from '../operator-client.ts'
import { alignColumns } from '../output/align-columns.ts'
import { shownValue } from '../output/shown-value.ts'

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

/** `latchkey session …`: stored sessions of the running broker. */
export function registerSessionCommands(program: Command, context: CommandContext): void {
  const group = program.command('session').description('stored sessions of the running broker')
  const stored = group.command('stored').description('the stored sessions, by client id')
  stored.option('--search <text>', 'only sessions whose client id or name contains this')
  answers(asOperator(stored), context, listOptions, (_names, { search, ...options }) =>
    askBroker(context, 'session', options, async client => {
      const rows = await allRows(client, search)
      return { value: rows, text: tableOf(rows) }
    }),
  )

  const forget = group.command('forget').argument('<client>', 'client id')
  forget.description('delete a stored session with its queue; its client id is then free')
  answers(asOperator(forget), context, brokerOptions, ([clientId = ''], options) =>
    askBroker(context, 'session', options, async client => {
      await client.request('ops/session/forget', { clientId })
      return {
        value: { clientId },
        text: `The session of ${shownValue(clientId)} is deleted with its queue.`,
      }
    }),
  )
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
