import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import * as z from 'zod'
import { pathsIn } from '../../data-folder/data-files.ts'
import { answers, type CommandContext } from '../command-context.ts'

/** `latchkey backup FOLDER`: a copy of the data folder that a broker can be started on, whether or not one is running. */
export function registerBackup(program: Command, context: CommandContext): void {
  const command = program.command('backup').description('copy the data folder while the broker runs')
  command.argument('<folder>', 'a new folder; it contains secrets, so keep it as safe as the data folder')
  answers(command, context, z.object({}), async ([folder = '']) => {
    const { dataDir } = context.loadConfig()
    // Opening the backend would create the folder, and an empty backup would look like a good one.
    if (!existsSync(pathsIn(dataDir).accounts))
      return { refused: `there is no broker's data folder at ${dataDir} (dataDir)` }
    const files = await context.withBackend(backend => backend.backUp(folder))
    return {
      value: { folder, files },
      text: `${files.length} files are in ${folder}. To restore them, stop the broker and put them in place of the data folder.`,
    }
  })
}
