import { parseJsonObject, usedComponents } from './app-json.ts'
import { type Problem, positionAt } from './build-failed.ts'
import { builtInTags, templateTags } from './built-in-tags.ts'
import type { SourceFiles } from './source-files.ts'

const asset = /["'(](\/[\w./-]+\.(?:svg|png|jpe?g|gif|webp))["')]/g
const knownTags: ReadonlySet<string> = new Set([...builtInTags, ...templateTags])

/** Finds assets and tags that templates, styles and JSON files name and that are missing. */
export function checkReferences(sources: SourceFiles): Problem[] {
  const appTags = Object.keys(usedComponents(parseJsonObject('app.json', sources.read('app.json') ?? '{}').value))
  return sources.copied.flatMap(file => {
    const text = sources.read(file) ?? ''
    if (/\.wxml$/.test(file)) return [...missingAssets(file, text), ...unknownTags(file, blankComments(text))]
    if (/\.wxss$/.test(file))
      return [...missingAssets(file, text), ...localUrls(file, text), ...missingImports(file, text)]
    return /\.json$/.test(file) ? missingAssets(file, text) : []
  })

  function missingAssets(file: string, text: string): Problem[] {
    return [...text.matchAll(asset)]
      .filter(([, path = '']) => !sources.has(path.slice(1)))
      .map(found => ({ file, ...positionAt(text, found.index + 1), message: `there is no ${found[1]}` }))
  }

  /** An undeclared tag would be drawn as nothing, without an error. */
  function unknownTags(file: string, text: string): Problem[] {
    const json = sources.read(file.replace(/\.wxml$/, '.json'))
    const own = json === undefined ? [] : Object.keys(usedComponents(parseJsonObject(file, json).value))
    const isShared = json === undefined // an imported template is checked with what any page may use
    const known = new Set([...knownTags, ...appTags, ...own])
    return [...text.matchAll(/<([a-z][\w-]*)/g)]
      .filter(([, tag = '']) => !known.has(tag) && !(isShared && tag.includes('-')))
      .map(found => ({
        file,
        ...positionAt(text, found.index),
        message: `<${found[1]}> is neither declared in usingComponents nor a tag that the preview knows`,
      }))
  }

  function missingImports(file: string, text: string): Problem[] {
    return [...text.matchAll(/@import\s+["']([^"']+)["']/g)]
      .filter(([, path = '']) => !sources.has(wxssPath(file, path)))
      .map(found => ({
        file,
        ...positionAt(text, found.index),
        message: `there is no ${wxssPath(file, found[1] ?? '')}`,
      }))
  }
}

const blankComments = (wxml: string): string =>
  wxml.replace(/<!--[\s\S]*?-->|<wxs\b[^>]*>[\s\S]*?<\/wxs>/g, text => text.replace(/[^\n]/g, ' '))

/** WeChat loads no file from a style sheet. */
const localUrls = (file: string, text: string): Problem[] =>
  [...text.matchAll(/url\(\s*["']?(?!data:|["']?data:)([^)"']*)/g)].map(found => ({
    file,
    ...positionAt(text, found.index),
    message: `a style sheet cannot load ${found[1]}: use an image tag or a data: address`,
  }))

/** The file below the app's folder that `@import "path"` in the style sheet `from` means. */
export function wxssPath(from: string, path: string): string {
  const absolute = path.startsWith('/') ? path.slice(1) : new URL(path, `file:///${from}`).pathname.slice(1)
  return absolute.endsWith('.wxss') ? absolute : `${absolute}.wxss`
}
