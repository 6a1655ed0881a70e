import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// Holds the dependency rule of docs/architecture.md. Fails too when too little was seen: a checker that cannot read TypeScript, or
// does not know where to look, finds nothing wrong.
const root = join(import.meta.dirname, '..')
const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
const args = [program, 'src', 'devices', 'miniprogram', 'console', '--config', '.dependency-cruiser.cjs']
const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
const [, modules = '0', dependencies = '0'] = /(\d+) modules, (\d+) dependencies/.exec(stdout) ?? []

process.stderr.write(stderr)
process.stdout.write(stdout)
if (status !== 0) {
  process.exitCode = 1
} else if (Number(modules) < 200 || Number(dependencies) < 400) {
  console.error(`only ${modules} modules and ${dependencies} dependencies were seen: nothing was checked`)
  process.exitCode = 1
}
