import type { Command } from 'commander'
import { type App, createApp } from '../app.ts'
import type { Config } from '../config.ts'
import type { Log } from '../domain/log.ts'
import { createLog } from '../log.ts'
import type { CommandContext } from './command-context.ts'
import { startDemo } from './demo.ts'

/** What `start` needs of the process, so that a test can be one. */
export interface ProcessSignals {
  /** Resolves with the name of the first signal that asks the process to end. */
  stopSignal(): Promise<string>
}

/** `latchkey start`: runs the broker until a signal ends it. */
export const registerStart =
  (signals: ProcessSignals, version: string) =>
  (program: Command, context: CommandContext): void => {
    program
      .command('start')
      .description('run the broker; SIGTERM or SIGINT ends it')
      .option('--demo', 'with simulated devices and an operator, for a first look (not in production)')
      .action(async (options: { demo?: boolean }) => {
        const config = context.loadConfig()
        if (options.demo && config.environment === 'production') {
          context.report({ refused: 'the demo is not for production: use latchkey start' }, false)
          return
        }
        await run(config, options.demo === true, context, signals, version)
      })
  }

async function run(
  config: Config,
  demo: boolean,
  context: CommandContext,
  signals: ProcessSignals,
  version: string,
): Promise<void> {
  const terminal = process.stdout.isTTY === true
  const log = createLog({ level: config.log.level, pretty: terminal, colour: terminal && !process.env.NO_COLOR })
  const stopSignal = signals.stopSignal()
  try {
    const app = await createApp(config, { log })
    const started = demo
      ? await startDemo(config, app.ports).catch(async error => {
          await app.stop()
          throw error
        })
      : undefined
    logReady(log, config, app, version)
    if (started) (terminal ? context.stdout : context.stderr).write(started.text)
    const signal = await stopSignal
    log.info({ event: 'stopping', signal }, 'stopping')
    await started?.stop()
    await app.stop()
    log.info({ event: 'stopped' }, 'stopped')
  } finally {
    await log.close()
  }
}

function logReady(log: Log, { environment, host, dataDir }: Config, { ports }: App, version: string): void {
  log.info({ event: 'ready', version, environment, host, ports, dataDir }, 'ready')
}
