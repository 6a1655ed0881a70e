import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../src/protocol/json.ts'
import { parseAppJson, parseJsonObject, usedComponents } from '../../build/app-json.ts'
import { BuildFailed } from '../../build/build-failed.ts'
import { wxssPath } from '../../build/check-references.ts'
import { compileTemplates } from '../../build/compile-templates.ts'
import { componentPath } from '../../build/component-path.ts'
import type { ComponentContent, PackageContent } from '../package-content.ts'
import { wxssToCss } from './wxss-to-css.ts'

/** A built package, read for the browser: its data, its templates and modules as JavaScript, and files that are served unchanged. */
export interface ReadPackage {
  readonly content: PackageContent
  readonly templates: string
  /** Source text by path. */
  readonly modules: ReadonlyMap<string, string>
  readonly assets: readonly string[]
}

/** Reads the folder that `buildMiniprogram` made. Throws {@link BuildFailed}. */
export function readPackage(folder: string): ReadPackage {
  if (!existsSync(join(folder, 'app.json')))
    throw new BuildFailed([{ file: folder, message: 'is no built mini-program' }])
  const paths = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(path => path !== 'project.config.json')
    .sort()
  const known = new Set(paths)
  const read = (path: string) => (known.has(path) ? readFileSync(join(folder, path), 'utf8') : undefined)
  const readJson = (path: string): JsonObject => parseJsonObject(path, read(path) ?? '{}').value

  const templates = compileTemplates({ paths, read })
  if (templates.problems.length > 0) throw new BuildFailed(templates.problems)

  const app = readJson('app.json')
  const { pages, usingComponents, themeLocation } = parseAppJson(app)
  const global = absolute('app', usingComponents)
  const components: Record<string, ComponentContent> = {}
  const styles: Record<string, string> = { app: wxssToCss(readStyles('app.wxss'), 'app') }
  for (const page of pages) addComponent(page, true)
  for (const path of Object.values(global)) addComponent(path.slice(1), false)

  return {
    content: { app, theme: themeLocation ? readJson(themeLocation) : {}, pages, components, styles },
    templates: templates.code,
    modules: new Map(paths.filter(path => path.endsWith('.js')).map(path => [path, read(path) ?? ''])),
    assets: paths.filter(path => /\.(svg|png|jpe?g|gif|webp)$/.test(path)),
  }

  function addComponent(path: string, isPage: boolean): void {
    if (components[path]) return
    const json = readJson(`${path}.json`)
    const used = { ...global, ...absolute(path, usedComponents(json)) }
    const isolation = styleIsolation(json, read(`${path}.js`) ?? '')
    const isShared = isPage || isolation === 'shared' || isolation === 'page-shared'
    const styleScope = isShared ? null : `c${Object.keys(components).length}`
    components[path] = {
      config: { ...json, usingComponents: used, ...(isolation && { styleIsolation: isolation }) },
      styleScope,
    }
    styles[path] = wxssToCss(readStyles(`${path}.wxss`), isPage ? { page: path } : { scope: styleScope })
    for (const needed of Object.values(used)) addComponent(needed.slice(1), false)
  }

  function readStyles(path: string, seen = new Set<string>()): string {
    if (seen.has(path)) return ''
    seen.add(path)
    return (read(path) ?? '').replace(/@import\s+["']([^"']+)["']\s*;?/g, (_, imported: string) =>
      readStyles(wxssPath(path, imported), seen),
    )
  }
}

const absolute = (from: string, used: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(used).map(([tag, path]) => [tag, `/${componentPath(from, path)}`]))

/** From the JSON file, or from `options` in the code, which the adapter of glass-easel does not read. */
function styleIsolation(json: JsonObject, code: string): string | undefined {
  if (typeof json.styleIsolation === 'string') return json.styleIsolation
  const named = /styleIsolation:\s*["']([\w-]+)["']/.exec(code)?.[1]
  const addsGlobal =
    /addGlobalClass:\s*(true|!0)/.test(code) || (isJsonObject(json.options) && json.options.addGlobalClass)
  return named ?? (addsGlobal ? 'apply-shared' : undefined)
}
