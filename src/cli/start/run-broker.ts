import { type App, createApp } from '../../app/app.ts'
import type { Config } from '../../config/config.ts'
import { lockDataFolder } from '../../data-folder/lock-data-folder.ts'
import { createLog } from '../../log/create-log.ts'
import { type Log, writeLine } from '../../log/log.ts'
import { openLogFile } from '../../log/outputs/log-file.ts'
import type { CommandContext } from '../command-context.ts'
import { startDemo } from './demo.ts'
import { descriptorLimit } from './descriptor-limit.ts'
import { tellOfVerification } from './tell-of-verification.ts'
import { toggleLevel } from './toggle-level.ts'
import { watchFiles } from './watch-files.ts'

const certificateLookMs = 5000

/** What `start` needs of the process, so that a test can stand in for it. */
export interface ProcessSignals {
  /** Resolves with the name of the first signal that asks the process to end. */
  stopSignal(): Promise<string>
  /** Calls `listener` for every SIGUSR2. */
  onLevelSignal(listener: () => void): void
  /** Calls `listener` for every SIGHUP, which no longer ends the process. */
  onReloadSignal(listener: () => void): void
}

interface Options {
  readonly config: Config
  readonly demo: boolean
  readonly context: Pick<CommandContext, 'stdout' | 'stderr'>
  readonly signals: ProcessSignals
  readonly version: string
}

/** Runs the broker, with simulated devices for a `demo`, until a signal ends it. Rejects when it cannot start. */
export async function runBroker({ config, demo, context, signals, version }: Options): Promise<void> {
  let app: App | undefined
  signals.onReloadSignal(() => {
    if (app) reload(log, app, 'SIGHUP') // the start reads the files anyway
  })
  const terminal = process.stdout.isTTY === true
  const { path, ...rolling } = config.log.file
  const file = path === undefined ? undefined : await openLogFile({ path, ...rolling })
  const log = createLog({
    level: config.log.level,
    pretty: terminal,
    colour: terminal && !process.env.NO_COLOR,
    ...(file && { file }),
  })
  const stopSignal = signals.stopSignal()
  signals.onLevelSignal(() => toggleLevel(log, config.log.level, 'SIGUSR2'))
  for (const { variable, nearest } of config.unknownVariables)
    writeLine(log, 'unknown-variable', { variable, reason: `did you mean ${nearest}?` })
  tellOfFewDescriptors(log, config)
  if (!config.wechat.appid && config.wechat.standIn === 'anybody') writeLine(log, 'stand-in-for-anybody', {})
  let unlock: (() => void) | undefined
  try {
    unlock = lockDataFolder(config.dataDir)
    app = await createApp(config, { log })
    const started = demo
      ? await startDemo(config, app).catch(async error => {
          await app?.stop()
          throw error
        })
      : undefined
    const watch = await watchCertificates(config, log, app)
    tellOfVerification(log, app.reloadVerification())
    logReady(log, config, app, version)
    if (started) (terminal ? context.stdout : context.stderr).write(started.text)
    const signal = await stopSignal
    writeLine(log, 'stopping', { signal })
    watch?.stop()
    await started?.stop()
    await app.stop()
    writeLine(log, 'stopped', {})
  } finally {
    unlock?.()
    await log.close()
  }
}

function tellOfFewDescriptors(log: Log, { limits }: Config): void {
  const found = descriptorLimit(limits)
  if (found && found.limit < found.needed)
    writeLine(log, 'few-descriptors', {
      count: found.limit,
      setting: 'limits.connections',
      reason: `${found.needed} are needed`,
    })
}

function reload(log: Log, app: App, signal: string): void {
  const verification = app.reloadVerification()
  tellOfVerification(log, verification, signal)
  if (!reloadCertificates(log, app, signal) && verification === 'none') writeLine(log, 'nothing-to-reload', { signal })
}

/** False when there are no certificates. `signal` asked for it; undefined when the files have changed. */
function reloadCertificates(log: Log, app: App, signal?: string): boolean {
  const outcome = app.reloadCertificates()
  const by = signal === undefined ? {} : { signal }
  if (outcome === 'none') return false
  if (outcome === 'reloaded') writeLine(log, 'certificates-reloaded', by)
  else writeLine(log, 'certificates-not-reloaded', { ...by, reason: outcome.problem })
  return true
}

/** Reloads the certificates when their files have changed. */
const watchCertificates = ({ tls }: Config, log: Log, app: App) =>
  tls &&
  watchFiles(
    [tls.cert, tls.key, tls.ca].filter(file => file !== undefined),
    certificateLookMs,
    () => void reloadCertificates(log, app),
  )

function logReady(log: Log, { environment, host, publicUrl, dataDir }: Config, { ports }: App, version: string): void {
  writeLine(log, 'ready', { version, environment, host, ports, ...(publicUrl && { publicUrl }), dataDir })
}
