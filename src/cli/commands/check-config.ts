import type { Command } from 'commander'
import * as z from 'zod'
import { ConfigError, objectionTo, readConfig } from '../../config/config.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { alignColumns } from '../output/align-columns.ts'

/** `latchkey checkconfig`: every setting in force with its source, or everything that is wrong. Opens no port and no data file. */
export function registerCheckConfig(program: Command, context: CommandContext): void {
  const command = program.command('checkconfig').description('check the configuration and show what is in force')
  answers(command, context, z.object({}), async () => checkConfig(context))
}

function checkConfig({ origin }: CommandContext): CommandAnswer {
  try {
    const { settings, config } = readConfig(origin)
    const rows = settings.map(({ key, value, source }) => [key, JSON.stringify(value), source])
    const { environment, unknownVariables } = config
    const warnings = unknownVariables.map(unknown => `warning: ${unknown.variable} ${objectionTo(unknown)}`)
    return {
      value: { ok: true, environment, settings, unknownVariables },
      text: [alignColumns([['SETTING', 'VALUE', 'FROM'], ...rows]), '', ...warnings, `OK (${environment})`].join('\n'),
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const rows = error.problems.map(({ key, source, message }) => [key, source, message])
    return {
      value: { ok: false, problems: error.problems },
      text: alignColumns([['SETTING', 'FROM', 'PROBLEM'], ...rows]),
      failed: true,
    }
  }
}
