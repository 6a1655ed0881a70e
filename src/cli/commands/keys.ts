import type { Command } from 'commander'
import * as z from 'zod'
import { answers, type CommandContext } from '../command-context.ts'

/** `latchkey keys …`: the keys that tokens are signed with. */
export function registerKeysCommands(program: Command, context: CommandContext): void {
  const group = program.command('keys').description('the keys that tokens are signed with')
  const rotate = group
    .command('rotate')
    .description('sign tokens with a new key from now on; tokens signed with older keys stay valid')
  answers(rotate, context, z.object({}), () =>
    context.withBackend(async ({ keys }) => {
      const kid = await keys.rotate()
      return {
        value: { kid },
        text: [
          `Tokens are signed with ${kid} from now on. A running broker uses it within a second.`,
          'Tokens signed with older keys stay valid until they expire. To void them at once, stop the broker, remove the older files',
          'from the folder keys (all but the one with the highest number), and start it again.',
        ].join('\n'),
      }
    }),
  )
}
