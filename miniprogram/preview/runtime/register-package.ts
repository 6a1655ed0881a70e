import * as glassEasel from 'glass-easel'
import { type AssociatedBackend, type CodeSpace, MiniProgramEnv } from 'glass-easel-miniprogram-adapter'
import type { PackageContent } from '../package-content.ts'
import { createGlassBackend } from './glass-backend.ts'
import type { StyleSheets } from './style-sheets.ts'
import { registerTags } from './tags/register-tags.ts'
import type { TagDefinitions } from './tags/tag.ts'

export interface CompiledTemplateGroups {
  readonly [path: string]: unknown
}

export interface RegisterOptions {
  readonly content: PackageContent
  readonly templates: CompiledTemplateGroups
  readonly tags: TagDefinitions
  readonly styleSheets: StyleSheets
  readonly report: (error: unknown) => void
}

/** The package's components in glass-easel, without their code: that comes by {@link RegisteredPackage.define}. */
export interface RegisteredPackage {
  readonly space: CodeSpace
  readonly backend: AssociatedBackend
  /** Runs `load`; what it says by `Page`, `Component` and `Behavior` is said of `path`. */
  define(path: string, load: () => void): void
  /** `Page`, `Component` and `Behavior` just now. */
  constructorOf(name: string): unknown
}

export function registerPackage({ content, templates, tags, styleSheets, report }: RegisterOptions): RegisteredPackage {
  // Before the first space is made: a property may be named `dataset` or `id`.
  glassEasel.globalOptions.writeFieldsToNode = false
  glassEasel.globalOptions.throwGlobalError = false
  glassEasel.addGlobalErrorListener(error => {
    report(error)
    return false
  })
  glassEasel.addGlobalWarningListener(message => {
    if (!isMissingValue(message)) console.warn(message)
    return false
  })
  const environment = new MiniProgramEnv()
  const space = environment.createCodeSpace('', true)
  registerTags(environment.getGlobalCodeSpace().getComponentSpace(), space.getComponentSpace(), tags)

  space.addStyleSheet('app', 'app')
  for (const [path, { config, styleScope }] of Object.entries(content.components)) {
    space.addComponentStaticConfig(path, config)
    space.addCompiledTemplate(path, { groupList: templates, content: templates[path] } as CompiledTemplate)
    space.addStyleSheet(path, path, styleScope ?? undefined)
  }
  const backend = environment.associateBackend(createGlassBackend(styleSheets))
  for (const [path, css] of Object.entries(content.styles)) backend.registerStyleSheetContent(path, css)

  let current: Readonly<Record<string, unknown>> = space.componentEnv('', given => ({ ...given }))
  return {
    space,
    backend,
    constructorOf: name => current[name],
    define(path, load) {
      const before = current
      current = space.componentEnv(path, given => ({ ...given }))
      try {
        load()
      } catch (error) {
        report(error)
      } finally {
        current = before
      }
    },
  }
}

/** A property that gets nothing has its default value, in WeChat too; before the first `setData` that is how pages are. */
const isMissingValue = (message: string): boolean => message.includes('but get null value')

type CompiledTemplate = Parameters<CodeSpace['addCompiledTemplate']>[1]
