// Makes a fresh clone ready to run: right Node, packages installed, and with --build the program built. Silent when all is well.
// Plain JavaScript without dependencies: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Oldest Node that is supported, as in package.json's `engines`. */
const oldestNode = [20, 19, 0]

/** What is wrong with this version of Node, in a sentence; undefined when nothing is. */
export function nodeProblem(version) {
  const parts = version.split('.').map(Number)
  for (const [i, least] of oldestNode.entries()) {
    if (parts[i] > least) break
    if (parts[i] < least) return `Latchkey needs Node.js ${oldestNode.join('.')} or newer; this is ${version}.`
  }
  return undefined
}

/** Why packages must be installed; undefined when they need not. Times are milliseconds since 1970, undefined for a missing file. */
export function installReason({ lockedAtMs, installedAtMs }) {
  if (installedAtMs === undefined) return 'node_modules is missing'
  return lockedAtMs > installedAtMs ? 'package-lock.json is newer than node_modules' : undefined
}

/** Whether this Node needs the SQLite package that is compiled; src/sqlite says which. The other comes as it runs. */
export const mustCompile = nodeApi => !(Number(nodeApi) >= 10)

/** Why what is made into `folder` must be built; undefined when it need not. */
export function buildReason(folder, { sourcesAtMs, builtAtMs }) {
  if (builtAtMs === undefined) return `${folder} is missing`
  return sourcesAtMs > builtAtMs ? `the sources are newer than ${folder}` : undefined
}

/** Why the phone in a browser must be built; undefined when it need not. */
export const phoneReason = root =>
  buildReason('build/phone', {
    sourcesAtMs: latest(
      ['miniprogram', 'src/protocol', 'package.json', 'package-lock.json'].map(name => modifiedAtMs(join(root, name))),
    ),
    builtAtMs: modifiedAtMs(join(root, 'build', 'phone', 'index.html')),
  })

/** Why the operators' console must be built; undefined when it need not. */
export const consoleReason = root =>
  buildReason('dist/console', {
    sourcesAtMs: latest(
      ['console', 'src/protocol', 'package.json', 'package-lock.json'].map(name => modifiedAtMs(join(root, name))),
    ),
    builtAtMs: modifiedAtMs(join(root, 'dist', 'console', 'index.html')),
  })

/** The latest modification of a file, or of any file in a folder; undefined when there is none. */
export function modifiedAtMs(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return found?.mtimeMs
  return latest(readdirSync(path).map(name => modifiedAtMs(join(path, name))))
}

const latest = times => {
  const known = times.filter(time => time !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}

function runNpm(args, env = {}) {
  // npm's own program when npm runs this; a shell only where npm is a .cmd file.
  const npm = process.env.npm_execpath
  const [command, shell] = npm ? [process.execPath, false] : ['npm', process.platform === 'win32']
  const all = npm ? [npm, ...args] : args
  const { status } = spawnSync(command, all, { stdio: ['ignore', 2, 2], shell, env: { ...process.env, ...env } })
  if (status !== 0) {
    console.error(`latchkey: npm ${args.join(' ')} failed; what it says stands above.`)
    process.exit(status ?? 1)
  }
}

function makeReady(root, withBuild) {
  const problem = nodeProblem(process.versions.node)
  if (problem) {
    console.error(`latchkey: ${problem}`)
    process.exit(1)
  }
  const at = (...names) => modifiedAtMs(join(root, ...names))
  const install = installReason({
    lockedAtMs: at('package-lock.json'),
    installedAtMs: at('node_modules', '.package-lock.json'),
  })
  if (install) {
    const compiles = mustCompile(process.versions.napi)
    console.error(
      `latchkey: ${install}: installing.${compiles ? ' This compiles SQLite and can take a few minutes.' : ''}`,
    )
    // node-gyp compiles one file at a time unless told otherwise.
    runNpm(['ci', '--no-audit', '--no-fund', ...(compiles ? [] : ['--ignore-scripts'])], { JOBS: 'max' })
  }
  if (!withBuild) return
  const program = buildReason('dist', {
    sourcesAtMs: latest(
      ['src', 'devices', 'tsconfig.json', 'scripts/build-program.ts', 'package.json', 'package-lock.json'].map(name =>
        at(name),
      ),
    ),
    builtAtMs: at('dist', 'src', 'main.js'),
  })
  const build = program ?? consoleReason(root)
  if (build) {
    console.error(`latchkey: ${build}: building.`)
    runNpm(['run', '--silent', 'build'])
  }
  const phone = phoneReason(root)
  if (phone) {
    console.error(`latchkey: ${phone}: building.`)
    runNpm(['run', '--silent', 'build:phone'])
  }
}

const self = fileURLToPath(import.meta.url)
if (process.argv[1] && resolve(process.argv[1]) === self) {
  makeReady(resolve(self, '..', '..'), process.argv.includes('--build'))
}
