import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app/app.ts'
import { type AppBackend, openBackend } from '../../src/app/backend/open-backend.ts'
import type { SiteFolders } from '../../src/app/fronts/served-sites.ts'
import { packageRoot } from '../../src/app/package-root.ts'
import { type Config, loadConfig } from '../../src/config/config.ts'
import type { Bus } from '../../src/domain/bus.ts'
import type { MqttStore } from '../../src/domain/mqtt-state/mqtt-store.ts'
import { createLog } from '../../src/log/create-log.ts'
import { createAsynchronousStore } from './asynchronous-store.ts'
import { createMemoryBus, isAsynchronous } from './in-memory.ts'

/** The cheapest argon2id there is: tests are about who gets in, not about how long it takes. */
export const cheapPasswords = { memoryKib: 8, passes: 1, lanes: 1 }

export interface StartOptions {
  readonly env?: Record<string, string>
  /** Changes to the configuration that no environment variable names. */
  readonly configure?: (config: Config) => Config
  /** Some of the limits. */
  readonly limits?: Partial<Config['limits']>
  /** Log lines for people in place of JSON. */
  readonly pretty?: boolean
  /** Of argon2id; the cheapest when not given. */
  readonly passwordCost?: typeof cheapPasswords
  readonly now?: () => number
  /** Keep this folder and use it again: a restart. */
  readonly dataDir?: string
  readonly mqttStore?: MqttStore
  readonly bus?: Bus
  /** The phone in a browser: a folder that `buildPhone` made. */
  readonly sites?: SiteFolders
}

export interface RunningApp extends AsyncDisposable {
  readonly app: App
  readonly config: Config
  /** A second opening of the data folder, as the command line makes it. */
  readonly admin: AppBackend
  /** Every log line so far, as JSON text. */
  readonly lines: string[]
  readonly mqttUrl: string
  readonly wsUrl: string
  readonly httpUrl: string
}

/** The whole program on free ports and a temporary folder, ended and removed by `await using`. */
export async function startApp(options: StartOptions = {}): Promise<RunningApp> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'latchkey-test-')))
  const loaded = loadConfig({
    configDir: join(packageRoot(), 'config'),
    env: {
      NODE_ENV: 'test',
      LATCHKEY_DATA_DIR: dataDir,
      LATCHKEY_HOST: '127.0.0.1',
      LATCHKEY_MQTT_PORT: '0',
      LATCHKEY_HTTP_PORT: '0',
      LATCHKEY_WECHAT_STAND_IN: 'anybody',
      LATCHKEY_HTTPS_PORT: '0',
      LATCHKEY_LOCALE: 'en',
      LATCHKEY_LOG_LEVEL: 'debug',
      ...options.env,
    },
  })
  const configured = options.configure?.(loaded) ?? loaded
  const config = { ...configured, limits: { ...configured.limits, ...options.limits } }
  const lines: string[] = []
  const log = createLog({
    level: config.log.level,
    pretty: options.pretty ?? false,
    destination: { write: line => lines.push(line) },
  })
  const mqttStore = options.mqttStore ?? (isAsynchronous ? asynchronousStoreOf(config) : undefined)
  const overrides = {
    bus: options.bus ?? createMemoryBus(),
    passwordCost: options.passwordCost ?? cheapPasswords,
    ...(options.now && { now: options.now }),
    ...(mqttStore && { mqttStore }),
    ...(options.sites && { sites: options.sites }),
  }
  const app = await createApp(config, { log, ...overrides })
  const admin = await openBackend(config, overrides)
  return {
    app,
    config,
    admin,
    lines,
    mqttUrl: `mqtt://127.0.0.1:${app.ports.mqtt}`,
    wsUrl: `ws://127.0.0.1:${app.ports.http}/mqtt`,
    httpUrl: `http://127.0.0.1:${app.ports.http}`,
    async [Symbol.asyncDispose]() {
      await app.stop()
      await admin.close()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function asynchronousStoreOf({ limits }: Config): MqttStore {
  const queue = { maxMessages: limits.queuedMessagesPerSession, maxBytes: limits.queuedBytesPerSession }
  return createAsynchronousStore({
    queue,
    retained: { maxMessages: limits.retainedPerOwner, maxBytes: limits.retainedBytesPerOwner },
  })
}
