import type { Command } from 'commander'
import * as z from 'zod'
import type { ProductListing } from '../../registry/enrollment/products.ts'
import type { Backend } from '../backend.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { alignColumns } from '../output/align-columns.ts'

const noOptions = z.object({})

const commands = [
  {
    verb: 'enable',
    method: 'enable',
    description: 'let devices of a type enroll with its product secret, and show the secret',
  },
  { verb: 'secret', method: 'show', description: 'show the product secret of a type' },
  { verb: 'rotate', method: 'rotate', description: 'give a type a new product secret; the old one is void at once' },
] as const

/** `latchkey product …`: one secret for all devices of a type, and whether they may enroll. */
export function registerProductCommands(program: Command, context: CommandContext): void {
  const group = program.command('product').description('one secret with which all devices of a type enroll')
  const forType = (
    verb: string,
    description: string,
    give: (backend: Backend, type: string) => Promise<CommandAnswer>,
  ) => {
    const command = group.command(verb).description(description).argument('<type>', 'device type, for example lamp')
    answers(command, context, noOptions, ([type = '']) => context.withBackend(backend => give(backend, type)))
  }

  for (const { verb, method, description } of commands) {
    forType(verb, description, async ({ products }, type) => {
      const product = await products[method](type)
      return product === 'unknown-type' ? { refused: noSuchType(type) } : { value: product, text: textOf(product) }
    })
  }

  forType('disable', 'stop enrollment of a type; enrolled devices stay', async ({ products }, type) => {
    const product = await products.disable(type)
    if (product === 'unknown-type') return { refused: noSuchType(type) }
    return { value: product, text: `No more devices of type ${type} can enroll. Enrolled devices stay.` }
  })
}

const noSuchType = (type: string) =>
  `there is no device type ${JSON.stringify(type)}: a type is a file in devices/types or a folder of devices.typeFolders`

const textOf = ({ type, generation, enabled, secret }: ProductListing): string =>
  [
    alignColumns([
      ['type', type],
      ['product secret', secret],
      ['generation', String(generation)],
      ['enrollment', enabled ? 'on' : 'off'],
    ]),
    '',
    enabled
      ? 'Flash it into every device of the type. Anybody who has it can enroll devices until it is rotated or disabled.'
      : `No device can enroll until you run: latchkey product enable ${type}`,
  ].join('\n')
