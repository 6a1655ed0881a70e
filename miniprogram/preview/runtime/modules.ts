import { givenNames, hiddenNames } from '../module-parameters.ts'

/** The function around a module, with the parameters of module-parameters.ts. */
export type ModuleCode = (...given: unknown[]) => void

/** CommonJS modules by path, loaded once each. */
export interface Modules {
  has(path: string): boolean
  /** Throws what the module throws while it loads. */
  load(path: string): unknown
}

export interface ModulesOptions {
  readonly code: Readonly<Record<string, ModuleCode>>
  /** What stands for the names of WeChat that are not about modules. */
  readonly given: (name: string) => unknown
  /** Exports that are put over those of a module of this path. */
  readonly overlays: Readonly<Record<string, object>>
}

export function createModules({ code, given, overlays }: ModulesOptions): Modules {
  const loaded = new Map<string, { exports: unknown }>()

  function load(path: string): unknown {
    const known = loaded.get(path)
    if (known) return known.exports
    const run = code[path]
    if (!run) throw new Error(`module '${path}' is not defined`)
    const module: { exports: unknown } = { exports: {} }
    loaded.set(path, module)
    const own: Record<string, unknown> = {
      require: (reference: unknown) => load(resolvePath(path, String(reference))),
      module,
      exports: module.exports,
    }
    run.apply(undefined, [
      ...givenNames.map(name => (name in own ? own[name] : given(name))),
      ...hiddenNames.map(() => undefined),
    ])
    const overlay = overlays[path]
    if (overlay) module.exports = { ...Object(module.exports), ...overlay }
    return module.exports
  }

  return { load, has: path => code[path] !== undefined }
}

/** The path that `require(reference)` of the module `from` means. */
export function resolvePath(from: string, reference: string): string {
  const parts = reference.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of reference.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  const path = parts.join('/')
  return path.endsWith('.js') ? path : `${path}.js`
}
