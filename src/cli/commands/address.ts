import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { askBroker, asOperator, brokerOptions } from '../ask-broker.ts'
import { answers, type CommandContext } from '../command-context.ts'
import { alignColumns } from '../output/align-columns.ts'

const blockedSchema = z.object({
  blocked: z.array(z.object({ network: z.string(), since: z.number(), until: z.number(), refused: z.number() })),
})
const blockSchema = z.object({ network: z.string(), until: z.number(), ended: z.number() })
const blockOptions = brokerOptions.extend({ minutes: z.number().default(60) })
const what = 'an address, or a network: 203.0.113.0/24 to /32, 2001:db8:7::/48 to /64'

/** `latchkey address …`: addresses that the running broker blocks for a time. */
export function registerAddressCommands(program: Command, context: CommandContext): void {
  const group = program.command('address').description('addresses that the running broker blocks for a time')

  const list = group.command('list').description('addresses that are blocked now; a restart clears them')
  answers(asOperator(list), context, brokerOptions, (_names, options) =>
    askBroker(context, 'address', options, async client => {
      const { blocked } = blockedSchema.parse(await client.request('ops/addresses', {}))
      const rows = blocked.map(({ network, until, refused }) => [network, momentOf(until), `${refused}`])
      return {
        value: blocked,
        text: rows.length === 0 ? 'None.' : alignColumns([['NETWORK', 'UNTIL', 'REFUSED'], ...rows]),
      }
    }),
  )

  const block = group.command('block').argument('<address>', what)
  block.description('close every connection from an address, and accept no new ones for some minutes')
  block.option('--minutes <number>', 'how long, 1 to 10080; 60 by default', minutes)
  answers(asOperator(block), context, blockOptions, ([address = ''], { minutes: forMinutes, ...options }) =>
    askBroker(context, 'address', options, async client => {
      const done = blockSchema.parse(await client.request('ops/address/block', { address, minutes: forMinutes }))
      const { network, until, ended } = done
      return {
        value: done,
        text: `${network} is blocked until ${momentOf(until)}; ${ended} of its sessions are closed.`,
      }
    }),
  )

  const unblock = group.command('unblock').argument('<address>', 'as the list shows it')
  unblock.description('accept connections from an address again')
  answers(asOperator(unblock), context, brokerOptions, ([address = ''], options) =>
    askBroker(context, 'address', options, async client => {
      await client.request('ops/address/unblock', { address })
      return { value: { address }, text: `${address} is no longer blocked.` }
    }),
  )
}

const momentOf = (atMs: number): string => new Date(atMs).toISOString()

function minutes(text: string): number {
  const given = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined
  if (given === undefined || given > 10_080)
    throw new InvalidArgumentError('It must be a whole number from 1 to 10080.')
  return given
}
