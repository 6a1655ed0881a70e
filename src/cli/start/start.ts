import type { Command } from 'commander'
import { loadConfig } from '../../config/config.ts'
import type { CommandContext } from '../command-context.ts'
import type { ProcessSignals } from './run-broker.ts'

/** `latchkey start`: runs the broker until a signal ends it. */
export const registerStart =
  (signals: ProcessSignals, version: string) =>
  (program: Command, context: CommandContext): void => {
    program
      .command('start')
      .description('run the broker; SIGTERM or SIGINT ends it')
      .option('--demo', 'with simulated devices and an operator, for a first look (not in production)')
      .action(async (options: { demo?: boolean }) => {
        const config = loadConfig(context.origin) // its warnings go to the log
        if (options.demo && config.environment === 'production') {
          context.report({ refused: 'the demo is not for production: use latchkey start' }, false)
          return
        }
        const { runBroker } = await import('./run-broker.ts') // no other command needs the whole application
        await runBroker({ config, demo: options.demo === true, context, signals, version })
      })
  }
