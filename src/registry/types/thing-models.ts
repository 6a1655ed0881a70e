import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileReason } from '../../files/file-reason.ts'
import { ruleOfIssue } from '../../protocol/rule-of-issue.ts'
import { thingModelSchema } from '../../protocol/thing-model.ts'
import { createDeviceType, type DeviceType } from './device-type.ts'
import { createSchemaCompiler, type ModelProblem, type SchemaCompiler } from './schema-compiler.ts'

/** Every device type, by the name of its file without `.json`. */
export interface ThingModels {
  get(type: string): DeviceType | undefined
  /** In alphabetical order. */
  names(): string[]
}

const typeNamePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/

/**
 * Reads every `*.json` of `folders`. Throws one Error that lists every problem with its file, the path in it and the reason. A type that two
 * files define is a problem too.
 */
export async function loadThingModels(folders: readonly string[]): Promise<ThingModels> {
  const compiler = createSchemaCompiler()
  const types = new Map<string, DeviceType>()
  const problems: string[] = []
  const sources = new Map<string, string>()
  for (const file of (await Promise.all(folders.map(jsonFiles))).flat()) {
    const name = basename(file, '.json')
    const earlier = sources.get(name)
    sources.set(name, file)
    if (earlier !== undefined) problems.push(`${file}: the type ${name} is already defined by ${earlier}`)
    const text = await readFile(file, 'utf8').catch((cause: unknown) => ({ reason: fileReason(cause) }))
    const type = typeof text === 'string' ? parseDeviceType(name, text, compiler) : [{ path: '', ...text }]
    if (Array.isArray(type)) problems.push(...type.map(({ path, reason }) => `${file}: ${path || '/'} ${reason}`))
    else types.set(name, type)
  }
  if (problems.length > 0) throw new Error(`thing models are not valid:\n${problems.join('\n')}`)
  return { get: type => types.get(type), names: () => [...types.keys()].sort() }
}

async function jsonFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => join(folder, name))
}

function parseDeviceType(name: string, text: string, compiler: SchemaCompiler): DeviceType | ModelProblem[] {
  if (!typeNamePattern.test(name)) {
    return [{ path: '', reason: "the file's name must be a letter or digit, then up to 31 letters, digits, _ or -" }]
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return [{ path: '', reason: `is not JSON: ${error instanceof Error ? error.message : String(error)}` }]
  }
  const model = thingModelSchema.safeParse(json)
  if (model.success) return createDeviceType(name, model.data, compiler)
  return model.error.issues.map(issue => ({
    path: issue.path.map(step => `/${String(step)}`).join(''),
    reason: ruleOfIssue(issue),
  }))
}
