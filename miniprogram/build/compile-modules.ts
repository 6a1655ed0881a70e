import { existsSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { build, type Message, type OnResolveArgs, type OnResolveResult, type Plugin } from 'esbuild'
import type { Problem } from './build-failed.ts'
import { isBuildFailure } from './esbuild-failure.ts'
import type { SourceFiles } from './source-files.ts'

export interface CompileOptions {
  readonly sources: SourceFiles
  /** The folder of the wire contract; its files land in `protocol/` of the package. */
  readonly protocolDir: string
  readonly outDir: string
}

/** The oldest JavaScript on phones that WeChat still supports. */
export const oldestTarget = 'es2018'

/**
 * * Compiles every module by itself to CommonJS, and also the modules of the protocol that the app imports. Imports are rewritten to the paths of the
 * package. Nothing is written for a module with an error.
 */
export async function compileModules({ sources, protocolDir, outDir }: CompileOptions): Promise<Problem[]> {
  const places = createPlaces(sources, protocolDir)
  const done = new Set<string>()
  const problems: Problem[] = []
  let wanted = sources.modules.map(path => join(sources.folder, path))
  while (wanted.length > 0) {
    for (const file of wanted) done.add(file)
    const found = new Set<string>()
    const { errors, warnings } = await build({
      entryPoints: wanted.map(file => ({ in: file, out: places.inPackage(file).replace(/\.js$/, '') })),
      outdir: outDir,
      absWorkingDir: sources.folder,
      // Bundling is what makes esbuild ask for each import; every answer is "external", so each module stays its own.
      bundle: true,
      format: 'cjs',
      platform: 'neutral',
      target: oldestTarget,
      charset: 'utf8',
      logLevel: 'silent',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      plugins: [rewriteImports(places, found)],
    }).catch(asBuildResult)
    problems.push(...[...errors, ...warnings].map(message => asProblem(message, sources.folder)))
    wanted = [...found].filter(file => !done.has(file))
  }
  return problems
}

interface Places {
  /** The path of a module in the package. */
  inPackage(file: string): string
  /** The module that a relative import of `from` means; undefined when it is outside of app, vendor and protocol. */
  resolve(from: string, path: string): { readonly file: string; readonly isBundle: boolean } | undefined
}

function createPlaces(sources: SourceFiles, protocolDir: string): Places {
  const below = (folder: string, file: string) => {
    const path = relative(folder, file).split(sep).join('/')
    return path.startsWith('../') ? undefined : path
  }
  const pathOf = (file: string) => {
    const protocol = below(protocolDir, file)
    return protocol === undefined ? below(sources.folder, file) : `protocol/${protocol}`
  }
  return {
    inPackage: file => (pathOf(file) ?? file).replace(/\.ts$/, '.js'),
    resolve(from, path) {
      const named = join(dirname(from), path)
      const stem = named.replace(/\.[jt]s$/, '')
      if (pathOf(named) === undefined) return undefined
      if (existsSync(`${stem}.ts`)) return { file: `${stem}.ts`, isBundle: false }
      return existsSync(`${stem}.d.ts`) ? { file: `${stem}.js`, isBundle: true } : undefined
    },
  }
}

function rewriteImports(places: Places, found: Set<string>): Plugin {
  const resolveImport = ({ path, importer, kind }: OnResolveArgs): OnResolveResult | undefined => {
    if (kind === 'entry-point') return undefined
    if (kind !== 'import-statement') return refuse(`only import statements can be packaged, not ${kind}`)
    if (!path.startsWith('.')) return refuse(`${path} is outside of the mini-program: it has no packages`)
    const target = places.resolve(importer, path)
    if (!target) return refuse(`${path} is not a module of the mini-program, its vendor folder, or src/protocol`)
    if (!target.isBundle) found.add(target.file)
    const from = posix.dirname(places.inPackage(importer))
    const to = posix.relative(from, places.inPackage(target.file))
    return { path: to.startsWith('.') ? to : `./${to}`, external: true }
  }
  return {
    name: 'rewrite-imports',
    setup: ({ onResolve }) => onResolve({ filter: /.*/ }, resolveImport),
  }
}

const refuse = (text: string): OnResolveResult => ({ errors: [{ text }] })

function asBuildResult(cause: unknown): { errors: Message[]; warnings: Message[] } {
  if (isBuildFailure(cause)) return cause
  throw cause
}

function asProblem({ text, location }: Message, folder: string): Problem {
  if (!location) return { file: folder, message: text }
  const file = location.file.split(sep).join('/')
  return { file, line: location.line, column: location.column + 1, message: text }
}
