import { transformSync } from 'esbuild'
import { isJsonObject, type JsonObject } from '../../src/protocol/json.ts'
import type { Problem } from './build-failed.ts'
import { isBuildFailure } from './esbuild-failure.ts'

/** The part of `app.json` that is read here; the rest is for WeChat. */
export interface AppJson {
  /** Pages of the main package and of all subpackages. */
  readonly pages: readonly string[]
  readonly tabBar: readonly { readonly pagePath: string; readonly icons: readonly string[] }[]
  readonly usingComponents: Readonly<Record<string, string>>
  readonly themeLocation?: string
  readonly sitemapLocation?: string
}

/** Reads a JSON object; `problem` says where it is not one. */
export function parseJsonObject(file: string, text: string): { value: JsonObject; problem?: Problem } {
  try {
    const value: unknown = JSON.parse(text)
    if (isJsonObject(value)) return { value }
    return { value: {}, problem: { file, message: 'must be a JSON object' } }
  } catch {
    return { value: {}, problem: whereJsonBreaks(file, text) }
  }
}

/** `JSON.parse` of Node 20 does not name the place of an error; esbuild's parser does. */
function whereJsonBreaks(file: string, text: string): Problem {
  try {
    transformSync(text, { loader: 'json', logLevel: 'silent' })
  } catch (cause) {
    const [first] = isBuildFailure(cause) ? cause.errors : []
    if (first?.location)
      return { file, line: first.location.line, column: first.location.column + 1, message: first.text }
  }
  return { file, message: 'is not JSON' }
}

/** Takes from a parsed `app.json` what has the right type; a missing page is detected later. */
export function parseAppJson(value: JsonObject): AppJson {
  const subpackages = objectsIn(value.subPackages ?? value.subpackages).flatMap(({ root, pages }) =>
    textsIn(pages).map(page => `${String(root).replace(/\/?$/, '/')}${page}`),
  )
  const tabBar = isJsonObject(value.tabBar) ? objectsIn(value.tabBar.list) : []
  return {
    pages: [...textsIn(value.pages), ...subpackages],
    tabBar: tabBar.map(({ pagePath, iconPath, selectedIconPath }) => ({
      pagePath: String(pagePath),
      icons: textsIn([iconPath ?? null, selectedIconPath ?? null]),
    })),
    usingComponents: usedComponents(value),
    ...(typeof value.themeLocation === 'string' && { themeLocation: value.themeLocation }),
    ...(typeof value.sitemapLocation === 'string' && { sitemapLocation: value.sitemapLocation }),
  }
}

/** The components that a page's, a component's or the app's JSON declares: tag to path as written. */
export const usedComponents = (json: JsonObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isJsonObject(json.usingComponents) ? json.usingComponents : {}).map(([tag, path]) => [
      tag,
      String(path),
    ]),
  )

const objectsIn = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : [])
const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
