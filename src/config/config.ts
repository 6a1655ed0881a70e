import type * as z from 'zod'
import { fileProblem } from '../files/file-reason.ts'
import { checkTogether } from './config-checks.ts'
import { configSchema, environmentSchema } from './config-schema.ts'
import { type ConfigSources, readConfigSources, valueAt } from './config-sources.ts'
import { objectionsOfIssue } from './objections-of-issue.ts'
import { type UnknownVariable, unknownVariables } from './unknown-variables.ts'

export { readTlsFiles, type TlsFiles } from './tls-files.ts'
export { otherVariables } from './unknown-variables.ts'

type Settings = z.output<typeof configSchema>
type Environment = z.output<typeof environmentSchema>

/** Settings whose values are never shown. */
const secretKeys: ReadonlySet<string> = new Set(['wechat.secret'])

/** The files of the TLS listener; all of them were readable when the configuration was loaded. */
export interface TlsConfig {
  readonly port: number
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** Every setting, checked. `tls` is there only with a certificate; outside production `wechat.appid` and `secret` may be missing. */
export interface Config extends Readonly<Omit<Settings, 'tls' | 'database' | 'nats'>> {
  readonly environment: Environment
  readonly tls?: TlsConfig
  /** Environment variables that were probably meant as settings. */
  readonly unknownVariables: readonly UnknownVariable[]
}

/** One wrong value: its key (`mqtt.port`), the file or variable it came from, and what is wrong. It shows nothing that could be a secret. */
export interface ConfigProblem {
  readonly key: string
  readonly source: string
  readonly message: string
}

/** The configuration cannot be used; `problems` lists everything that is wrong with it. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ key, source, message }) => `${key} (${source}): ${message}`).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** The sources of the configuration: the environment, and the folder of the program. */
export interface ConfigOrigin {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly configDir: string
}

/** One setting in force. The value of a secret is masked. */
export interface EffectiveSetting {
  readonly key: string
  readonly value: unknown
  readonly source: string
}

/** Reads and checks the whole configuration. Throws {@link ConfigError}. */
export const loadConfig = (origin: ConfigOrigin): Config => readConfig(origin).config

/**
 * Like {@link loadConfig}, with the source of every setting. Later ones win: `default`, `{NODE_ENV}`, `local`, `local-{NODE_ENV}`, each first in
 * `configDir` and then in the folder that NODE_CONFIG_DIR names; finally the environment variables.
 */
export function readConfig(origin: ConfigOrigin): { config: Config; settings: EffectiveSetting[] } {
  const environment = parseEnvironment(origin.env)
  const sources = openSources(origin, environment)
  const parsed = configSchema.safeParse(sources.values, { reportInput: true })
  const unknown = unknownVariables(origin.env, sources.variables)
  const ofSchema = parsed.error?.issues.flatMap(objectionsOfIssue) ?? []
  const objections = [...ofSchema, ...checkTogether(sources, environment)]
  if (!parsed.success || objections.length > 0) {
    const problems = objections.map(({ key, message }) => ({ key, source: sources.sourceOf(key), message }))
    throw new ConfigError([...problems, ...unknown.map(problemOf)])
  }
  const { tls, database: _database, nats: _nats, ...settings } = parsed.data
  const { cert, key } = tls
  const config = {
    environment,
    unknownVariables: unknown,
    ...settings,
    ...(cert && key && { tls: { ...tls, cert, key } }),
  }
  return { config, settings: sources.keys().map(name => effective(name, parsed.data, sources)) }
}

function parseEnvironment(env: ConfigOrigin['env']): Environment {
  const parsed = environmentSchema.safeParse(env.NODE_ENV || 'development', { reportInput: true })
  if (parsed.success) return parsed.data
  const objections = parsed.error.issues.flatMap(objectionsOfIssue)
  throw new ConfigError(objections.map(({ message }) => ({ key: 'environment', source: 'NODE_ENV', message })))
}

function openSources({ env, configDir }: ConfigOrigin, environment: Environment): ConfigSources {
  const ownFolder = env.NODE_CONFIG_DIR
  try {
    return readConfigSources({ env, environment, folders: ownFolder ? [configDir, ownFolder] : [configDir] })
  } catch (error) {
    const message = fileProblem(error) ?? (error instanceof Error ? error.message : String(error))
    throw new ConfigError([{ key: 'files', source: ownFolder ? 'NODE_CONFIG_DIR' : configDir, message }])
  }
}

/** The objection to a variable, without its name. */
export const objectionTo = ({ nearest }: UnknownVariable): string => `is not a setting: did you mean ${nearest}?`

const problemOf = (unknown: UnknownVariable): ConfigProblem => ({
  key: unknown.variable,
  source: 'environment',
  message: objectionTo(unknown),
})

function effective(key: string, settings: Settings, sources: ConfigSources): EffectiveSetting {
  const value = secretKeys.has(key) ? '********' : valueAt(settings, key)
  return { key, value, source: sources.sourceOf(key) }
}
