import { isJsonObject } from '../../src/protocol/json.ts'
import { parseAppJson, parseJsonObject, usedComponents } from './app-json.ts'
import type { Problem } from './build-failed.ts'
import { componentPath } from './component-path.ts'
import type { SourceFiles } from './source-files.ts'

/** Finds pages, components, icons and theme colours that are declared in JSON and missing. */
export function checkDeclaredFiles(sources: SourceFiles): Problem[] {
  const problems: Problem[] = []
  const say = (file: string, message: string) => void problems.push({ file, message })
  const readJson = (file: string) => {
    const { value, problem } = parseJsonObject(file, sources.read(file) ?? '{}')
    if (problem) problems.push(problem)
    return value
  }

  const requireParts = (from: string, what: string, path: string, suffixes: readonly string[]) => {
    for (const suffix of suffixes) {
      if (!sources.has(`${path}.${suffix}`)) say(from, `${what} ${path}: there is no ${path}.${suffix}`)
    }
  }

  const requireComponents = (file: string, declared: Readonly<Record<string, string>>) => {
    for (const [tag, reference] of Object.entries(declared)) {
      const path = componentPath(file, reference)
      requireParts(file, `component <${tag}>`, path, ['ts', 'wxml', 'json'])
      const json = sources.read(`${path}.json`)
      if (json !== undefined && parseJsonObject(path, json).value.component !== true)
        say(`${path}.json`, 'must have "component": true')
    }
  }

  if (!sources.has('app.ts')) say('app.ts', 'there is no app.ts')
  if (!sources.has('app.json')) {
    say('app.json', 'there is no app.json')
    return problems
  }
  const app = readJson('app.json')
  const { pages, tabBar, usingComponents, themeLocation, sitemapLocation } = parseAppJson(app)
  if (pages.length === 0) say('app.json', 'pages must name at least one page')
  for (const page of pages) requireParts('app.json', 'page', page, ['ts', 'wxml', 'json'])
  requireComponents('app.json', usingComponents)
  for (const { pagePath, icons } of tabBar) {
    if (!pages.includes(pagePath)) say('app.json', `the tab ${pagePath} is no page`)
    for (const icon of icons.filter(path => !path.startsWith('@'))) checkIcon('app.json', icon)
  }
  if (sitemapLocation && !sources.has(sitemapLocation)) say('app.json', `there is no ${sitemapLocation}`)
  checkTheme()

  for (const file of sources.copied.filter(path => path.endsWith('.json') && path !== 'app.json'))
    requireComponents(file, usedComponents(readJson(file)))
  return problems

  function checkIcon(file: string, path: string): void {
    const below = path.replace(/^\//, '')
    if (!sources.has(below)) say(file, `there is no ${below}`)
    else if (!/\.(png|jpe?g)$/.test(below)) say(file, `${below}: icons of the tab bar must be PNG or JPEG`)
  }

  /** Every `@name` must be in both themes. */
  function checkTheme(): void {
    const used = [...new Set([...JSON.stringify(app).matchAll(/"@(\w+)"/g)].map(([, name = '']) => name))]
    if (used.length > 0 && !themeLocation) say('app.json', `@${used[0]} needs themeLocation`)
    if (!themeLocation) return
    if (!sources.has(themeLocation)) say('app.json', `there is no ${themeLocation}`)
    const themes = readJson(themeLocation)
    for (const name of ['light', 'dark']) {
      const theme = isJsonObject(themes[name]) ? themes[name] : {}
      for (const key of used) {
        const value = theme[key]
        if (typeof value !== 'string') say(themeLocation, `${name} has no ${key}`)
        else if (/\.\w+$/.test(value)) checkIcon(themeLocation, value)
      }
    }
  }
}
