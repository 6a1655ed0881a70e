import { chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { givenNames, hiddenNames } from '../module-parameters.ts'
import { type ReadPackage, readPackage } from './read-package.ts'

export interface PhoneBuildOptions {
  /** The folder that `buildMiniprogram` made: what is tried here is what is shipped. */
  readonly packageDir: string
  /** Where the site goes; what was there before is replaced. */
  readonly outDir: string
}

const previewDir = resolve(import.meta.dirname, '..')

/** Turns a built mini-program into a static site: `index.html` shows a phone, whose screen is `app.html`. */
export async function buildPhone({ packageDir, outDir }: PhoneBuildOptions): Promise<void> {
  const read = readPackage(packageDir)
  mkdirSync(dirname(outDir), { recursive: true })
  const next = mkdtempSync(`${outDir}-`)
  try {
    for (const path of read.assets) cpSync(join(packageDir, path), join(next, 'package', path))
    for (const page of ['index.html', 'frame.css', 'app.html', 'phone.css']) {
      cpSync(join(previewDir, /^app|^phone/.test(page) ? 'runtime' : 'frame', page), join(next, page))
    }
    writeFileSync(join(next, 'app-service.js'), appService(read))
    await build({
      entryPoints: {
        runtime: join(previewDir, 'runtime', 'main.ts'),
        frame: join(previewDir, 'frame', 'frame.ts'),
      },
      outdir: next,
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2022',
      charset: 'utf8',
      logLevel: 'warning',
      define: { 'process.env.NODE_ENV': '"development"' },
    })
    chmodSync(next, 0o755)
    rmSync(outDir, { recursive: true, force: true })
    renameSync(next, outDir)
  } finally {
    rmSync(next, { recursive: true, force: true })
  }
}

/** The package as one script for the runtime: `latchkeyPackage(content, templates, modules)`. */
function appService({ content, templates, modules }: ReadPackage): string {
  const parameters = [...givenNames, ...hiddenNames].join(', ')
  const wrapped = [...modules].map(
    ([path, code]) => `${JSON.stringify(path)}: function (${parameters}) { "use strict";\n${code}\n}`,
  )
  return `latchkeyPackage(${JSON.stringify(content)}, ${templates}, {\n${wrapped.join(',\n')}\n})\n`
}
