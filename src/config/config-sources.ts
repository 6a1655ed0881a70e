import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Load, Util } from 'config/lib/util.js'
import { fileReason } from '../files/file-reason.ts'

/** The configuration before any check, and the source of each part. */
export interface ConfigSources {
  readonly values: Readonly<Record<string, unknown>>
  /** The value of a dotted key; undefined when there is none. */
  valueOf(key: string): unknown
  /** The file or variable that decided `key`; for a missing key, the variable that could set it. */
  sourceOf(key: string): string
  /** Every dotted key that has a value; a list is one value. */
  keys(): string[]
  /** Every environment variable that is a setting. */
  readonly variables: readonly string[]
}

/** Where to look. Among files of the same name, later folders win. */
export interface ConfigPlaces {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folders: readonly string[]
  readonly environment: string
}

const environmentMap = 'custom-environment-variables'

/** node-config itself reads process.env; this class reads the environment that it is given. */
class VariableLoad extends Load {
  withVariables(names: object, env: ConfigPlaces['env']): object {
    return this.substituteDeep(names, env)
  }
}

/** Reads the files and the environment. Throws for a missing folder, and for a file that cannot be parsed or is not an object. */
export function readConfigSources({ env, folders, environment }: ConfigPlaces): ConfigSources {
  const load = new VariableLoad({})
  const places = [...new Set(folders.map(folder => resolve(folder)))]
  for (const folder of places) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${folder} is not a folder`)
  }
  const loadEach = (name: string, convert = (content: object): object => content) => {
    for (const folder of places) {
      for (const extension of ['json', 'json5']) {
        const file = join(folder, `${name}.${extension}`)
        requireReadable(file)
        load.loadFile(file, (content: unknown) => convert(objectOf(content, file)))
      }
    }
  }
  for (const name of ['default', environment, 'local', `local-${environment}`]) loadEach(name)

  const variables = new Map<string, string>()
  loadEach(environmentMap, names => {
    for (const [key, name] of leaves(names)) variables.set(key, String(name))
    return load.withVariables(names, env)
  })

  const found = (key: string) => load.getSources().findLast(source => Util.getPath(source.parsed, key) !== undefined)
  return {
    values: load.config,
    valueOf: key => valueAt(load.config, key),
    sourceOf(given) {
      const key = given.replace(/(\.\d+)+$/, '') // a list is one value
      const source = found(key)
      const variable = variables.get(key)
      if (source && !(variable && source.name.includes(environmentMap))) return shorten(source.name)
      return variable ?? 'not set'
    },
    keys: () => leaves(load.config).map(([key]) => key),
    variables: [...variables.values()],
  }
}

/** Throws for a file that exists but cannot be read. */
function requireReadable(file: string): void {
  try {
    if (existsSync(file)) readFileSync(file)
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${fileReason(cause)}`, { cause })
  }
}

function objectOf(content: unknown, file: string): object {
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content
  throw new Error(`${file} does not hold a JSON object`)
}

/** The value of a dotted key of `settings`; undefined when there is none. */
export const valueAt = (settings: object, key: string): unknown => Util.getPath(settings, key)

/** Shortens paths below the working folder. */
function shorten(file: string): string {
  const fromHere = relative(process.cwd(), file)
  return fromHere.startsWith('..') ? file : fromHere
}

function leaves(object: object, prefix = ''): [key: string, value: unknown][] {
  return Object.entries(object).flatMap(([name, value]): [string, unknown][] =>
    Util.isObject(value) ? leaves(value, `${prefix}${name}.`) : [[prefix + name, value]],
  )
}
