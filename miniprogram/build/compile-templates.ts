import { posix } from 'node:path'
import { TmplGroup } from 'glass-easel-template-compiler'
import type { Problem } from './build-failed.ts'

/** Where templates and the scripts in them are read from. */
export interface TemplateSource {
  /** Paths of `.wxml` and `.wxs` files. */
  readonly paths: readonly string[]
  read(path: string): string | undefined
}

/** The JavaScript of all templates by path, without `.wxml`, and the errors of the compiler. */
export interface CompiledTemplates {
  readonly code: string
  readonly problems: readonly Problem[]
}

interface TemplateParseError {
  readonly path: string
  readonly startLine: number
  readonly startColumn: number
  readonly message: string
}

/** Compiles all templates together, warnings and references to missing files included in `problems`. */
export function compileTemplates({ paths, read }: TemplateSource): CompiledTemplates {
  const group = TmplGroup.newDev()
  const problems: Problem[] = []
  const has = (path: string) => paths.includes(path)
  try {
    for (const path of paths.filter(name => name.endsWith('.wxml'))) {
      const name = path.replace(/\.wxml$/, '')
      const found: TemplateParseError[] = group.addTmpl(name, read(path) ?? '') ?? []
      problems.push(...found.map(error => asProblem(path, error)))
      for (const module of group.getInlineScriptModuleNames(name)) {
        group.setInlineScript(name, module, wxsToJs(group.getInlineScript(name, module)))
      }
      const missing = [
        ...group.getDirectDependencies(name).map(needed => `${needed}.wxml`),
        ...group.getScriptDependencies(name).map(needed => `${String(needed).replace(/\.wxs$/, '')}.wxs`),
      ].filter(needed => !has(needed))
      problems.push(...missing.map(needed => ({ file: path, message: `there is no ${needed}` })))
    }
    for (const path of paths.filter(name => name.endsWith('.wxs'))) {
      const text = read(path) ?? ''
      // A template names a script without its suffix, a script names another with it.
      for (const name of [path, path.replace(/\.wxs$/, '')]) group.addScript(name, wxsToJs(text))
      for (const [, needed = ''] of text.matchAll(/require\(\s*['"]([^'"]+)['"]\s*\)/g)) {
        const target = posix.join(posix.dirname(path), needed)
        if (!has(target)) problems.push({ file: path, message: `there is no ${target}` })
      }
    }
    return { code: problems.length > 0 ? '({})' : group.getTmplGenObjectGroups(), problems }
  } finally {
    group.free()
  }
}

const asProblem = (file: string, { startLine, startColumn, message }: TemplateParseError): Problem => ({
  file,
  line: startLine + 1,
  column: startColumn + 1,
  message,
})

/** In WXS `x.constructor` is a text such as `Array`; `wxsConstructorName` is the runtime's. */
const wxsToJs = (code: string): string =>
  code.replace(/([\w$.]+(?:\[[^\]]*\])?)\.constructor\b/g, 'wxsConstructorName($1)')
