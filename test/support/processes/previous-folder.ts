import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../src/app/package-root.ts'
import type { KnownFolder } from '../../fixtures/known-folder.ts'
import { type RunningApp, startApp } from '../start-app.ts'

const fixtures = join(import.meta.dirname, '../../fixtures')
const minuteMs = 60_000

/** The revisions that left a data folder and a mini-program. */
export const previousRevisions: readonly string[] = readdirSync(fixtures, { withFileTypes: true }).flatMap(entry =>
  entry.isDirectory() ? [entry.name] : [],
)

/** A copy of the data folder that a revision left, and what is in it. */
export interface PreviousFolder extends Disposable {
  readonly dataDir: string
  readonly known: KnownFolder
  /** The time: a minute after the folder was left, whatever the day is. */
  readonly now: () => number
}

export function openPreviousFolder(revision: string): PreviousFolder {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-previous-'))
  unpack(revision, 'data', folder)
  const known: KnownFolder = JSON.parse(readFileSync(join(fixtures, revision, 'known.json'), 'utf8'))
  const behindMs = Date.now() - known.madeAtMs - minuteMs
  return {
    dataDir: join(folder, 'data'),
    known,
    now: () => Date.now() - behindMs,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** This program on a copy of the folder that a revision left. */
export async function startOnPreviousFolder(
  revision: string,
): Promise<RunningApp & Pick<PreviousFolder, 'known' | 'now'>> {
  const { dataDir, known, now, ...folder } = openPreviousFolder(revision)
  const running = await startApp({ dataDir, now })
  return {
    ...running,
    known,
    now,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** The mini-program of a revision, built by that revision's own build; ended by disposing of it. */
export function buildPreviousMiniprogram(revision: string): Disposable & { readonly folder: string } {
  const build = join(packageRoot(), 'build')
  mkdirSync(build, { recursive: true })
  const work = mkdtempSync(join(build, 'previous-')) // below the project, for its packages
  unpack(revision, 'miniprogram', work)
  const folder = join(work, 'built')
  const script = join(work, 'scripts/build-miniprogram.ts')
  execFileSync(process.execPath, ['--import', 'tsx', script, '--server', 'wss://localhost/mqtt', '--out', folder], {
    cwd: packageRoot(),
  })
  return { folder, [Symbol.dispose]: () => rmSync(work, { recursive: true, force: true }) }
}

const unpack = (revision: string, name: string, into: string) =>
  execFileSync('tar', ['-xzf', join(fixtures, revision, `${name}.tar.gz`), '-C', into])
