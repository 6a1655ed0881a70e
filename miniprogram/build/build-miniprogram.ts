import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BuildFailed, type Problem } from './build-failed.ts'
import { checkBuiltIns } from './check-built-ins.ts'
import { checkDeclaredFiles } from './check-declared-files.ts'
import { checkReferences } from './check-references.ts'
import { compileModules } from './compile-modules.ts'
import { compileTemplates } from './compile-templates.ts'
import { listSourceFiles } from './source-files.ts'
import { bundleVendor } from './vendor/bundle-vendor.ts'

export interface BuildOptions {
  readonly appDir: string
  /** Where the package goes; what was there before is replaced. */
  readonly outDir: string
  /** The broker's address; by default that of config.ts. */
  readonly serverUrl?: string
  /** By default the one of project.config.json. */
  readonly appid?: string
}

export interface MiniprogramPackage {
  readonly sizeBytes: number
  readonly gzippedBytes: number
}

/** The largest package that WeChat accepts. */
const maxPackageBytes = 2 * 1024 * 1024

const miniprogramDir = resolve(import.meta.dirname, '..')
const protocolDir = resolve(miniprogramDir, '..', 'src', 'protocol')

/** Makes a folder that WeChat DevTools opens as it is. Throws {@link BuildFailed}, and leaves what was there before. */
export async function buildMiniprogram(options: BuildOptions): Promise<MiniprogramPackage> {
  const { appDir, outDir, serverUrl } = options
  if (!existsSync(appDir)) throw new BuildFailed([{ file: appDir, message: 'there is no such folder' }])
  const sources = listSourceFiles(appDir)
  const templates = compileTemplates({ paths: sources.copied, read: sources.read })
  const problems: Problem[] = [
    ...sources.problems,
    ...checkDeclaredFiles(sources),
    ...checkReferences(sources),
    ...templates.problems,
  ]
  mkdirSync(dirname(outDir), { recursive: true })
  const next = mkdtempSync(`${outDir}-`)
  try {
    problems.push(...(await compileModules({ sources, protocolDir, outDir: next })))
    if (problems.length > 0) throw new BuildFailed(problems)
    for (const path of sources.copied) cpSync(join(appDir, path), join(next, path))
    await bundleVendor(join(next, 'vendor'))
    if (serverUrl) writeFileSync(join(next, 'config.js'), `exports.serverUrl = ${JSON.stringify(serverUrl)}\n`)
    const missing = checkBuiltIns(next, modulesIn(next))
    if (missing.length > 0) throw new BuildFailed(missing)
    const made = measure(next)
    if (made.sizeBytes > maxPackageBytes)
      throw new BuildFailed([
        { file: outDir, message: `the package has ${made.sizeBytes} bytes; WeChat takes ${maxPackageBytes}` },
      ])
    writeFileSync(join(next, 'project.config.json'), projectConfig(options.appid))
    chmodSync(next, 0o755)
    rmSync(outDir, { recursive: true, force: true })
    renameSync(next, outDir)
    return made
  } finally {
    rmSync(next, { recursive: true, force: true })
  }
}

function projectConfig(appid: string | undefined): string {
  const config: object = JSON.parse(readFileSync(join(miniprogramDir, 'project.config.json'), 'utf8'))
  return `${JSON.stringify({ ...config, ...(appid && { appid }) }, null, 2)}\n`
}

/** Every file with code. */
const modulesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => /\.(js|wxs)$/.test(path))

function measure(folder: string): MiniprogramPackage {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name)))
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0)
  return { sizeBytes: sum(files.map(file => file.length)), gzippedBytes: sum(files.map(file => gzipSync(file).length)) }
}
